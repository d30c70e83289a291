"""A relay as one writes it with asyncio: frames of a ten-byte header, each passed on to all others, with a drain."""

import asyncio

clients = set()


async def serve(reader, writer):
    clients.add(writer)
    try:
        while True:
            header = await reader.readexactly(10)
            payload = await reader.readexactly(int(header))
            for other in list(clients):
                if other is not writer:
                    other.write(header + payload)
                    await other.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        clients.discard(writer)
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
