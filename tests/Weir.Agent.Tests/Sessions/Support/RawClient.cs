using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Scram;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>A client that says exactly what the test wants, message by message.</summary>
internal sealed partial class RawClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpClient _tcp;
    private readonly Stream _stream;
    private byte[] _pending = [];
    private long _talked;

    private RawClient(TcpClient tcp, Stream? encrypted = null)
    {
        _tcp = tcp;
        _stream = encrypted ?? tcp.GetStream();
    }

    /// <summary>What is sent next.</summary>
    public MessageWriter Out { get; } = new();

    public CancelKey Key { get; private set; } = null!;

    /// <summary>Asked for at the next login; what is above 3.2 is answered with <see cref="Negotiated"/>.</summary>
    public ProtocolVersion Version { get; set; } = ProtocolVersion.V30;

    /// <summary>The server's answer to the version, with the options that it does not know; null without one.</summary>
    public (ProtocolVersion Version, string[] UnknownOptions)? Negotiated { get; private set; }

    /// <summary>Salt and iterations of the SCRAM exchange, as the server sent them.</summary>
    public string Salt { get; private set; } = "";

    /// <summary>What has come in the last round trip so far.</summary>
    public List<RawMessage> Received { get; private set; } = [];

    /// <summary>What the server said about itself at the start.</summary>
    public Dictionary<string, string> Parameters { get; } = [];

    public static async Task<RawClient> ConnectAsync(string host, int port)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(host, port, TestContext.Current.CancellationToken);
        return new RawClient(tcp);
    }

    /// <summary>Sends bytes as they are, past the encryption.</summary>
    public Task SendUnencryptedAsync(byte[] bytes) => _tcp.Client.SendAsync(bytes, TestContext.Current.CancellationToken).AsTask();

    /// <summary>With TLS, whatever certificate is shown.</summary>
    /// <param name="isDirect">The handshake comes at once, without an SSLRequest.</param>
    public static async Task<RawClient> ConnectTlsAsync(int port, bool isDirect = false, SslProtocols protocols = SslProtocols.None, string alpn = "postgresql")
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        if (!isDirect)
        {
            await tcp.GetStream().WriteAsync(new byte[] { 0, 0, 0, 8, 4, 210, 22, 47 }, TestContext.Current.CancellationToken);
            tcp.GetStream().ReadByte().ShouldBe('S');
        }

        var tls = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
#pragma warning disable CA5359 // The tests that use it are about bytes; others verify.
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
                EnabledSslProtocols = protocols,
                ApplicationProtocols = alpn.Length > 0 ? [new SslApplicationProtocol(alpn)] : null,
            },
            TestContext.Current.CancellationToken);
        return new RawClient(tcp, tls);
    }

    /// <summary>Logs in; the ErrorResponse as a <see cref="RawMessage"/> when it fails.</summary>
    public async Task<RawMessage?> TryLogInAsync(string user, string password, string database, params KeyValuePair<string, string>[] parameters)
    {
        StartupMessage.Write(Out, Version, [new("user", user), new("database", database), new("client_encoding", "UTF8"), .. parameters]);
        await SendAsync();
        var scram = new ScramClient(password, ScramNonce.Encode(RandomNumberGenerator.GetBytes(ScramMechanism.NonceLength)), ChannelBindingPolicy.Disable, []);
        while (true)
        {
            var message = await ReceiveAsync();
            switch (message.Type)
            {
                case BackendMessageType.Authentication:
                    Authenticate(message, scram);
                    await SendAsync();
                    break;
                case BackendMessageType.NegotiateProtocolVersion:
                    var negotiated = NegotiateProtocolVersion.Read(message.Body);
                    var options = new List<string>();
                    foreach (var option in negotiated.UnknownOptions)
                        options.Add(Encoding.UTF8.GetString(option));
                    Negotiated = (negotiated.Version, [.. options]);
                    break;
                case BackendMessageType.BackendKeyData:
                    Key = BackendKeyData.Read(message.Body).ToCancelKey();
                    break;
                case BackendMessageType.ParameterStatus:
                    var status = ParameterStatus.Read(message.Body);
                    Parameters[Encoding.UTF8.GetString(status.Name)] = Encoding.UTF8.GetString(status.Value);
                    break;
                case BackendMessageType.ErrorResponse:
                    return message;
                case BackendMessageType.ReadyForQuery:
                    return null;
                default:
                    throw new InvalidOperationException($"Unexpected {message}.");
            }
        }
    }

    public async Task LogInAsync(string user, string password, string database, params KeyValuePair<string, string>[] parameters) =>
        (await TryLogInAsync(user, password, database, parameters))?.ToString().ShouldBeNull();

    public async Task SendAsync()
    {
        await _stream.WriteAsync(Out.WrittenMemory, TestContext.Current.CancellationToken);
        Out.Clear();
    }

    /// <summary>Sends, and gives every message until the given number of ReadyForQuery.</summary>
    public async Task<List<RawMessage>> RoundTripAsync(int readies = 1)
    {
        await SendAsync();
        return await UntilReadyAsync(readies);
    }

    public async Task<List<RawMessage>> UntilReadyAsync(int readies = 1)
    {
        var messages = Received = [];
        while (readies > 0)
        {
            var message = await ReceiveAsync();
            messages.Add(message);
            if (message.Type == BackendMessageType.ReadyForQuery)
                readies--;
        }

        return messages;
    }

    /// <summary>Like <see cref="RoundTripAsync"/>, every byte in a segment of its own.</summary>
    public async Task<List<RawMessage>> RoundTripBytewiseAsync(int readies = 1)
    {
        foreach (var octet in Out.Written.ToArray())
            await _stream.WriteAsync(new[] { octet }, TestContext.Current.CancellationToken);
        Out.Clear();
        return await UntilReadyAsync(readies);
    }

    /// <summary>Rows until ReadyForQuery, for answers that are too large to be kept.</summary>
    public async Task<int> CountUntilReadyAsync()
    {
        var buffer = new byte[256 * 1024];
        _pending.CopyTo(buffer, 0);
        var length = _pending.Length;
        var rows = 0;
        while (true)
        {
            var rest = CountRows(buffer.AsSpan(0, length), ref rows, out var isReady);
            if (isReady)
            {
                _pending = [];
                return rows;
            }

            buffer.AsSpan(length - rest, rest).CopyTo(buffer);
            length = rest + await _stream.ReadAtLeastAsync(buffer.AsMemory(rest), 1, throwOnEndOfStream: true, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Sends bytes in pieces, and gives all that comes back until nothing has come for a while; then says no more and waits for the end.</summary>
    /// <exception cref="TimeoutException">The connection has no end.</exception>
    public async Task<byte[]> TalkAsync(byte[] sent, Random random, TimeSpan quiet, TimeSpan patience)
    {
        var received = new MemoryStream();
        var reading = ReadAllAsync(received);
        try
        {
            for (var at = 0; at < sent.Length;)
            {
                var piece = Math.Min(random.Next(4) == 0 ? random.Next(1, 20) : sent.Length, sent.Length - at);
                await _stream.WriteAsync(sent.AsMemory(at, piece), TestContext.Current.CancellationToken);
                at += piece;
            }

            for (long before = -1; !reading.IsCompleted && before != Interlocked.Read(ref _talked);)
            {
                before = Interlocked.Read(ref _talked);
                try
                {
                    await reading.WaitAsync(quiet, TestContext.Current.CancellationToken);
                }
                catch (TimeoutException)
                {
                    // It is still open: whether anything came meanwhile is what the loop looks at.
                }
            }

            _tcp.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            // The other side has closed already.
        }

        await reading.WaitAsync(patience, TestContext.Current.CancellationToken);
        return received.ToArray();
    }

    private async Task ReadAllAsync(MemoryStream received)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await _stream.ReadAsync(buffer, TestContext.Current.CancellationToken) is var count and > 0)
            {
                received.Write(buffer, 0, count);
                Interlocked.Add(ref _talked, count);
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
    }

    /// <summary>Closes by a reset.</summary>
    public void Reset()
    {
        _tcp.Client.LingerState = new LingerOption(true, 0);
        _tcp.Client.Close();
    }

    /// <summary>Sends no more, but still listens.</summary>
    public void ShutDown() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <exception cref="EndOfStreamException">The other side closed.</exception>
    public async Task<RawMessage> ReceiveAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        var buffer = new byte[64 * 1024];
        while (true)
        {
            if (TryTake(out var message))
                return message;
            var count = await _stream.ReadAsync(buffer, deadline.Token);
            if (count == 0)
                throw new EndOfStreamException();
            _pending = [.. _pending, .. buffer.AsSpan(0, count)];
        }
    }

    /// <summary>A CancelRequest over a connection of its own, as libpq sends it.</summary>
    public async Task CancelAsync(CancelKey? key = null)
    {
        using var tcp = new TcpClient();
        var to = (System.Net.IPEndPoint)_tcp.Client.RemoteEndPoint!;
        await tcp.ConnectAsync(to, TestContext.Current.CancellationToken);
        var writer = new MessageWriter();
        CancelRequest.Write(writer, key ?? Key);
        await tcp.GetStream().WriteAsync(writer.WrittenMemory, TestContext.Current.CancellationToken);
        (await tcp.GetStream().ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, TestContext.Current.CancellationToken)).ShouldBe(0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    private static int CountRows(ReadOnlySpan<byte> data, ref int rows, out bool isReady)
    {
        isReady = false;
        var scanner = new FrameScanner(data, MessageDirection.Backend, ProtocolLimits.Default);
        while (scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            rows += frame.BackendType == BackendMessageType.DataRow ? 1 : 0;
            isReady |= frame.BackendType == BackendMessageType.ReadyForQuery;
        }

        return scanner.Rest.Length;
    }

    private bool TryTake(out RawMessage message)
    {
        message = default;
        var scanner = new FrameScanner(_pending, MessageDirection.Backend, ProtocolLimits.Default);
        if (scanner.TryRead(out var frame) != FrameStatus.Complete)
            return false;
        message = new RawMessage(frame.BackendType, frame.Body.ToArray());
        _pending = scanner.Rest.ToArray();
        return true;
    }

    private void Authenticate(RawMessage message, ScramClient scram)
    {
        var authentication = AuthenticationMessage.Read(message.Body);
        switch (authentication.Kind)
        {
            case AuthenticationKind.Ok:
                scram.IsServerVerified.ShouldBeTrue();
                break;
            case AuthenticationKind.Sasl:
                SaslInitialResponse.Write(Out, Encoding.ASCII.GetBytes(scram.SelectMechanism(authentication)), scram.CreateFirst());
                break;
            case AuthenticationKind.SaslContinue:
                Salt = Encoding.ASCII.GetString(authentication.Data).Split(",s=")[1];
                SaslResponse.Write(Out, scram.HandleServerFirst(authentication.Data));
                break;
            case AuthenticationKind.SaslFinal:
                scram.HandleServerFinal(authentication.Data).ShouldBe(ScramClientOutcome.Verified);
                break;
            default:
                throw new InvalidOperationException($"Unexpected authentication {authentication.Kind}.");
        }
    }
}
