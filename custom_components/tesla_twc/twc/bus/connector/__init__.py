"""One wall connector as the controller knows it: who it is, what it told, what it is offered."""
