"""What other programs may ask of this one: a web page and JSON over HTTP (``serve``), and MCP (``mcp``)."""
