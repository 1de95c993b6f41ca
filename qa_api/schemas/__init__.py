"""What goes over HTTP: one file a noun; the web page's client is generated from these."""
