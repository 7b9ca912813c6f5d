using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Weir.Testing;

/// <summary>Ports for programs that can't be told to choose one themselves.</summary>
public static class FreePort
{
    // Below the range from which Linux takes the ports of outgoing connections (32768 and up): those of other tests, which run at the same time, can't be there by chance.
    private const int First = 18_000;
    private const int End = 32_000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>
    /// A loopback port that nothing listened on a moment ago, and that no other call in this process gave. Something else may still take it before you do, though hardly: be ready to try
    /// again where you can.
    /// </summary>
    /// <exception cref="InvalidOperationException">None is free.</exception>
    public static int Next()
    {
        for (var tries = 0; tries < 10 * (End - First); tries++)
        {
            var port = Random.Shared.Next(First, End);
            if (!Given.ContainsKey(port) && IsFree(port) && Given.TryAdd(port, true))
                return port;
        }

        throw new InvalidOperationException($"No port from {First} to {End - 1} is free.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
