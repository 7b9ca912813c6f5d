using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Scram;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Protocol.Postgres.Tests.RealServer;

/// <summary>A small client made of nothing but the types under test, to hold them against a real server.</summary>
internal sealed class WireClient : IAsyncDisposable
{
    private readonly TcpClient _tcp = new();
    private readonly MessageWriter _out = new();
    private Stream _stream = Stream.Null;
    private byte[] _pending = [];
    private byte[] _binding = [];

    internal MessageWriter Out => _out;

    internal ScramClient? Scram { get; private set; }

    internal ProtocolVersion? NegotiatedVersion { get; private set; }

    internal CancelKey? CancelKey { get; private set; }

    internal static async Task<WireClient> ConnectAsync(string host, int port, string? caFile = null)
    {
        var client = new WireClient();
        await client._tcp.ConnectAsync(host, port, TestContext.Current.CancellationToken);
        client._stream = client._tcp.GetStream();
        if (caFile is not null)
            await client.StartTlsAsync(caFile);
        return client;
    }

    internal async Task LogInAsync(string user, string password, string database, ProtocolVersion version, ChannelBindingPolicy policy)
    {
        StartupMessage.Write(_out, version, [new("user", user), new("database", database), new("client_encoding", "UTF8")]);
        await SendAsync();
        while (true)
        {
            var message = await ReceiveAsync();
            switch ((BackendMessageType)message[0])
            {
                case BackendMessageType.Authentication:
                    Authenticate(message, password, policy);
                    await SendAsync();
                    break;
                case BackendMessageType.NegotiateProtocolVersion:
                    NegotiatedVersion = NegotiateProtocolVersion.Read(message.AsSpan(FrameHeader.Size)).Version;
                    break;
                case BackendMessageType.BackendKeyData:
                    CancelKey = BackendKeyData.Read(message.AsSpan(FrameHeader.Size)).ToCancelKey();
                    break;
                case BackendMessageType.ParameterStatus:
                    ParameterStatus.Read(message.AsSpan(FrameHeader.Size));
                    break;
                case BackendMessageType.ErrorResponse:
                    throw Failure(message);
                case BackendMessageType.ReadyForQuery:
                    ReadyForQuery.Read(message.AsSpan(FrameHeader.Size)).ShouldBe(TransactionStatus.Idle);
                    return;
                default:
                    throw new InvalidOperationException($"Unexpected message {(char)message[0]}.");
            }
        }
    }

    /// <summary>Sends what was written to <see cref="Out"/> and gives every message until ReadyForQuery.</summary>
    internal async Task<List<byte[]>> RoundTripAsync()
    {
        await SendAsync();
        var messages = new List<byte[]>();
        while (true)
        {
            var message = await ReceiveAsync();
            messages.Add(message);
            if (message[0] == (byte)BackendMessageType.ErrorResponse)
                throw Failure(message);
            if (message[0] == (byte)BackendMessageType.ReadyForQuery)
                return messages;
        }
    }

    internal async Task SendAsync()
    {
        await _stream.WriteAsync(_out.WrittenMemory, TestContext.Current.CancellationToken);
        _out.Clear();
    }

    internal async Task<byte[]> ReceiveAsync()
    {
        while (true)
        {
            if (TryTake(out var message))
                return message;
            var buffer = new byte[8192];
            var count = await _stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
            if (count == 0)
                throw new EndOfStreamException();
            _pending = [.. _pending, .. buffer.AsSpan(0, count)];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    private static InvalidOperationException Failure(byte[] message)
    {
        var diagnostic = ErrorResponse.Read(message.AsSpan(FrameHeader.Size)).ToDiagnostic();
        return new InvalidOperationException($"{diagnostic.SqlState} {diagnostic.Message}");
    }

    private bool TryTake(out byte[] message)
    {
        message = [];
        var scanner = new FrameScanner(_pending, MessageDirection.Backend, ProtocolLimits.Default);
        if (scanner.TryRead(out var frame) != FrameStatus.Complete)
            return false;
        message = frame.Bytes.ToArray();
        _pending = scanner.Rest.ToArray();
        return true;
    }

    private void Authenticate(byte[] message, string password, ChannelBindingPolicy policy)
    {
        var authentication = AuthenticationMessage.Read(message.AsSpan(FrameHeader.Size));
        switch (authentication.Kind)
        {
            case AuthenticationKind.Ok:
                Scram!.IsServerVerified.ShouldBeTrue();
                break;
            case AuthenticationKind.Sasl:
                Scram = new ScramClient(password, ScramNonce.Encode(RandomNumberGenerator.GetBytes(ScramMechanism.NonceLength)), policy, _binding);
                var mechanism = Scram.SelectMechanism(authentication);
                SaslInitialResponse.Write(_out, System.Text.Encoding.ASCII.GetBytes(mechanism), Scram.CreateFirst());
                break;
            case AuthenticationKind.SaslContinue:
                SaslResponse.Write(_out, Scram!.HandleServerFirst(authentication.Data));
                break;
            case AuthenticationKind.SaslFinal:
                Scram!.HandleServerFinal(authentication.Data).ShouldBe(ScramClientOutcome.Verified);
                break;
            default:
                throw new InvalidOperationException($"Unexpected authentication {authentication.Kind}.");
        }
    }

    private async Task StartTlsAsync(string caFile)
    {
        SslRequest.Write(_out);
        await SendAsync();
        var answer = new byte[1];
        await _stream.ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
        answer[0].ShouldBe(SslRequest.Accepted);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(caFile);
        var tls = new SslStream(_stream);
        var options = new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = trust };
        await tls.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
        using var certificate = X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData());
        _binding = TlsServerEndPoint.TryCompute(certificate)!;
        _stream = tls;
    }
}
