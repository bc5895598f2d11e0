"""The cars that an owner has entered: subentries of the entry of their bus."""
