"""Where frames come from: capture files, live interfaces, the simulator."""
