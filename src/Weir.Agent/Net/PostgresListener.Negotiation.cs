using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.Agent.Sessions;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using ProtocolViolationException = Weir.Protocol.Postgres.ProtocolViolationException;

namespace Weir.Agent.Net;

/// <content>What clients say before their startup message, where it is not a loop that listens.</content>
internal sealed partial class PostgresListener
{
    private const int MaxStartup = 10_004;

    private static readonly SslApplicationProtocol Alpn = new("postgresql");

    // Whatever a client shows, nothing is fetched for it.
    private static X509ChainPolicy NoChain => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    /// <param name="begun">What the client has said so far; null for nothing.</param>
    /// <param name="isTlsAsked">Its SSLRequest was read and waits for an answer.</param>
    private async Task NegotiateAsync(Socket socket, Stream stream, IPAddress? address, ConnectionLease lease, ClientNegotiation? begun, bool isTlsAsked)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using var timer = services.Time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), deadline, services.Options.StartupDeadline, Timeout.InfiniteTimeSpan);
        var isLocal = address is null || IPAddress.IsLoopback(address);
        var shown = certificate();
        SslStream? encrypted = null;
        if (isTlsAsked && shown is not null)
        {
            await stream.WriteAsync("S"u8.ToArray(), deadline.Token).ConfigureAwait(false);
            stream = encrypted = await StartTlsAsync(stream, shown, requireAlpn: false, deadline.Token).ConfigureAwait(false);
        }
        else
        {
            var first = new byte[1];
            if (await socket.ReceiveAsync(first, SocketFlags.Peek, deadline.Token).ConfigureAwait(false) == 0)
                return;
            if (first[0] == StartupPacket.TlsHandshakeByte && shown is not null)
            {
                stream = encrypted = await StartTlsAsync(stream, shown, requireAlpn: true, deadline.Token).ConfigureAwait(false);
                begun = null;
            }
        }

        var buffer = ArrayPool<byte>.Shared.Rent(MaxStartup);
        try
        {
            var negotiation = begun ?? new ClientNegotiation(shown is not null && encrypted is null, encrypted is not null);
            var length = 0;
            while (true)
            {
                NegotiationStep step;
                int packet;
                try
                {
                    step = negotiation.Next(buffer.AsSpan(0, length), out packet);
                }
                catch (ProtocolViolationException violation)
                {
                    if (!violation.IsUnanswered)
                        await SayAsync(stream, Diagnostic.For(violation), deadline.Token).ConfigureAwait(false);
                    return;
                }

                switch (step)
                {
                    case NegotiationStep.NeedBytes:
                        var count = length == buffer.Length ? 0 : await stream.ReadAsync(buffer.AsMemory(length), deadline.Token).ConfigureAwait(false);
                        if (count == 0)
                            return;
                        length += count;
                        continue;
                    case NegotiationStep.RefuseGss:
                    case NegotiationStep.RefuseTls:
                        await stream.WriteAsync("N"u8.ToArray(), deadline.Token).ConfigureAwait(false);
                        break;
                    case NegotiationStep.StartTls:
                        await stream.WriteAsync("S"u8.ToArray(), deadline.Token).ConfigureAwait(false);
                        stream = encrypted = await StartTlsAsync(stream, shown!, requireAlpn: false, deadline.Token).ConfigureAwait(false);
                        break;
                    case NegotiationStep.Cancel:
                        OnCancel(buffer.AsSpan(0, packet));
                        return;
                    case NegotiationStep.Start:
                        var info = new ClientInfo(address?.ToString() ?? "local", isLocal, encrypted is not null, encrypted is not null ? shown!.Hash : default, IsRelayed: false, KeyHash(encrypted));
                        var behind = length > packet ? new PrefixedStream(buffer.AsSpan(packet, length - packet).ToArray(), stream) : stream;
                        await DriveAsync(behind, info, buffer.AsSpan(0, packet).ToArray(), lease).ConfigureAwait(false);
                        return;
                }

                buffer.AsSpan(packet, length - packet).CopyTo(buffer);
                length -= packet;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static ReadOnlyMemory<byte> KeyHash(SslStream? encrypted) =>
        encrypted?.RemoteCertificate is X509Certificate2 certificate ? SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()) : default(ReadOnlyMemory<byte>);

    private static async Task<SslStream> StartTlsAsync(Stream stream, ListenerCertificate shown, bool requireAlpn, CancellationToken cancellationToken)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = shown.Context,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ApplicationProtocols = [Alpn],
                    AllowRenegotiation = false,
                    ClientCertificateRequired = true,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    CertificateChainPolicy = NoChain,
#pragma warning disable CA5359 // Asked for, not required, and known by its key alone: names, dates and issuers say nothing here.
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
                },
                cancellationToken).ConfigureAwait(false);
            // Without ALPN a direct handshake may be meant for another protocol (ALPACA); PostgreSQL refuses it too.
            if (requireAlpn && tls.NegotiatedApplicationProtocol != Alpn)
                throw new AuthenticationException("direct TLS without ALPN postgresql");
            return tls;
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
