"""SSL Workbench: the window over sslcore."""
