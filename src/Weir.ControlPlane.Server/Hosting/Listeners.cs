using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Weir.ControlPlane.Server.Certificates;
using Weir.ControlPlane.Server.Configuration;

namespace Weir.ControlPlane.Server.Hosting;

/// <summary>
/// Two ports of Kestrel: HTTP for people, API and MCP (behind a TLS balancer where there is one), and HTTP/2 with TLS for agents. The relay's port is
/// its own listener.
/// </summary>
internal static class Listeners
{
    // A relayed session is a stream of its agent's connection. Streams must not run out before the relay's own limit does, and the connection's window
    // must be so large that streams whose clients have stalled (each holds at most its own window) can't use it up.
    private const int StreamsPerConnection = 10_000;
    private const int StreamWindow = 1024 * 1024;
    private const int ConnectionWindow = int.MaxValue;
    private const long LargestRequest = 8 * 1024 * 1024;

    public static void AddWeirListeners(this WebApplicationBuilder builder, ServerOptions options) =>
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel((_, kestrel) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestRequest;
            kestrel.Limits.MaxConcurrentConnections = 20_000;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
            kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindow;
            kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(15);
            kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(options.Bind, options.HttpPort, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(options.Bind, options.GrpcPort, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = kestrel.ApplicationServices.GetRequiredService<ListenerCertificate>().Certificate,
                    ClientCertificateMode = ClientCertificateMode.NoCertificate,
                    HandshakeTimeout = TimeSpan.FromSeconds(10),
                });
            });
        });
}
