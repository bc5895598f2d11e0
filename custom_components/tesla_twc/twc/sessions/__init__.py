"""Every charge remembered: from plug-in to plug-out, with the energy, where it came from and what it cost."""
