using System.Net;
using System.Net.Sockets;

namespace Weir.Testing;

/// <summary>Ports for programs that can't be told to choose one themselves.</summary>
public static class FreePort
{
    /// <summary>A loopback port that nothing listened on a moment ago. Something else may take it before you do: be ready to try again.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
