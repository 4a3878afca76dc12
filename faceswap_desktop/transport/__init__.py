"""Everything that goes over the network. The only room that knows httpx, botocore and aiohttp."""
