using System.Net.Sockets;
using System.Text;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Tests.Sessions;

/// <summary>
/// What no client should send, sent to the server and through the agent: both say the same, and both go on or both close. Not here, because different by design: lengths inside a Bind or FunctionCall are looked at
/// before its statement is; SSLRequests with anything behind them are closed before they are answered; a version below 3 is answered in the format of version 3.
/// </summary>
public sealed class MalformedMessageTests(SampleServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private SessionHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await SessionHost.StartAsync(server, TestPolicy.Open("admin"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Name, then the bytes in hexadecimal; words in quotes are text. A Sync and a Query follow, so that it shows whether the session goes on.</summary>
    public static TheoryData<string, string> Messages => new()
    {
        { "length below 4", "51 00000003" },
        { "length 0", "51 00000000" },
        { "negative length", "51 FFFFFFFF" },
        { "smallest length", "51 80000000" },
        { "Query longer than a gigabyte", "51 40000000" },
        { "Sync longer than allowed", "53 7FFFFFFF" },
        { "Terminate longer than allowed", "58 00FFFFFF" },
        { "unknown type", "7A 00000004" },
        { "type of a server", "54 00000004" },
        { "type 0", "00 00000004" },
        { "second startup message", "00000008 00030000" },
        { "SSLRequest in the middle", "00000008 04D2162F" },
        { "Query without text", "51 00000004" },
        { "Query without its end", "51 0000000C 'SELECT 1'" },
        { "Query with something behind its end", "51 0000000F 'SELECT 1' 00 6162" },
        { "Query in another encoding", "51 0000000F 'SELECT ' 27FF27 00" },
        { "Parse without anything", "50 00000004" },
        { "Parse without its end", "50 0000000D 00 'SELECT 1'" },
        { "Parse with a negative count", "50 00000010 00 'SELECT 1' 00 FFFF" },
        { "Parse with too few types", "50 00000010 00 'SELECT 1' 00 0002" },
        { "Parse with something behind", "50 00000012 00 'SELECT 1' 00 0000 6161" },
        { "Bind without anything", "42 00000004" },
        { "Bind with a negative count of formats", "50 00000017 00 'SELECT $1::text' 00 0000 42 0000000C 00 00 FFFF 0000 0000" },
        { "Bind with an impossible length", "50 00000017 00 'SELECT $1::text' 00 0000 42 00000010 00 00 0000 0001 FFFFFFFE 0000" },
        { "Bind with a length beyond its end", "50 00000017 00 'SELECT $1::text' 00 0000 42 00000010 00 00 0000 0001 000000FF 0000" },
        { "Bind of nothing", "42 0000000D 00 'x' 00 0000 0000 0000" },
        { "Bind with something behind", "50 00000010 00 'SELECT 1' 00 0000 42 0000000D 00 00 0000 0000 0000 61" },
        { "Bind with an unknown format", "50 00000010 00 'SELECT 1' 00 0000 42 0000000E 00 00 0000 0000 0001 0007" },
        { "Bind with too many result formats", "50 00000010 00 'SELECT 1' 00 0000 42 00000012 00 00 0000 0000 0003 0000 0000 0000" },
        { "Describe of another kind", "44 00000006 'X' 00" },
        { "Describe without anything", "44 00000004" },
        { "Describe without its end", "44 00000006 'S' 61" },
        { "Describe of nothing", "44 00000007 'S' 'x' 00" },
        { "Close of another kind", "43 00000006 'X' 00" },
        { "Close of nothing", "43 00000007 'P' 'x' 00" },
        { "Close without its end", "43 00000005 'S'" },
        { "Execute without anything", "45 00000004" },
        { "Execute of nothing", "45 0000000A 'x' 00 00000000" },
        { "Execute with something behind", "45 0000000A 00 00000000 61" },
        { "Execute with a negative limit", "50 00000010 00 'SELECT 1' 00 0000 42 0000000C 00 00 0000 0000 0000 45 00000009 00 FFFFFFFF" },
        { "Sync with a body", "53 00000006 6161" },
        { "Flush with a body", "48 00000006 6161" },
        { "Terminate with a body", "58 00000006 6161" },
        { "CopyData without a COPY", "64 00000006 6161" },
        { "CopyDone without a COPY", "63 00000004" },
        { "CopyFail without a COPY", "66 00000006 61 00" },
        { "CopyFail without its end", "66 00000005 61" },
        { "a password without a question", "70 00000006 61 00" },
        { "FunctionCall without anything", "46 00000004" },
        { "FunctionCall with an impossible length", "46 00000012 00000BF6 0000 0001 FFFFFFFE 0000" },
        { "FunctionCall with something behind", "46 00000015 00000BF6 0000 0001 00000002 6162 0000 61" },
        { "COPY that is ended by a Query", "51 0000001E 'COPY pg_temp.t FROM STDIN' 00 51 0000000D 'SELECT 1' 00" },
        { "COPY that is failed without an end", "51 0000001E 'COPY pg_temp.t FROM STDIN' 00 66 00000005 61" },
        { "COPY with a Sync and a Flush inside", "51 0000001E 'COPY pg_temp.t FROM STDIN' 00 53 00000004 48 00000004 64 00000006 610A 63 00000004" },
        { "COPY with data of no length", "51 0000001E 'COPY pg_temp.t FROM STDIN' 00 64 00000004 64 00000006 610A 63 00000004" },
        { "COPY that is failed", "51 0000001E 'COPY pg_temp.t FROM STDIN' 00 66 00000008 'why' 00" },
        { "COPY in the extended protocol, failed, with what follows", "50 00000021 00 'COPY pg_temp.t FROM STDIN' 00 0000 42 0000000C 00 00 0000 0000 0000 45 00000009 00 00000000 53 00000004 66 00000008 'why' 00 45 00000009 00 00000000" },
        { "COPY that ends twice", "51 0000001E 'COPY pg_temp.t FROM STDIN' 00 63 00000004 63 00000004 66 00000005 00" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task After_login(string what, string hex)
    {
        byte[] sent = [.. Bytes(hex), .. Bytes("53 00000004 51 0000000E 'SELECT 42' 00")];
        var expected = await ConverseAsync((await server.ServerAsync()).Port, SampleServer.Owner, server.Password, sent);
        var actual = await ConverseAsync(_host.Port, SessionHost.Credential, SessionHost.Secret, sent);
        actual.ShouldBe(expected, what);
    }

    /// <summary>Name, then the first packets.</summary>
    public static TheoryData<string, string> Starts => new()
    {
        { "length below 4", "00000003" },
        { "length below a version", "00000007 000300" },
        { "negative length", "FFFFFFFF 00030000" },
        { "too long", "00002715 00030000" },
        { "version 4", "00000009 00040000 00" },
        { "version 0.0", "00000009 00000000 00" },
        { "no user", "00000009 00030000 00" },
        { "no end", "0000000F 00030000 'user' 00 'x' 00" },
        { "something behind the end", "00000012 00030000 'user' 00 'x' 00 00 6161" },
        { "name without a value", "0000000E 00030000 'user' 00" },
        { "SSLRequest twice", "00000008 04D2162F | 00000008 04D2162F" },
        { "GSSENCRequest twice", "00000008 04D21630 | 00000008 04D21630" },
        { "GSSENCRequest, then SSLRequest", "00000008 04D21630 | 00000008 04D2162F" },
        { "CancelRequest without a key", "0000000C 04D2162E 00000001" },
        { "CancelRequest with a key of three bytes", "0000000F 04D2162E 00000001 616161" },
        { "CancelRequest of nobody", "00000010 04D2162E 00000001 61616161" },
        { "a key of 256 bytes of nobody", "0000010C 04D2162E 00000001 " + string.Concat(Enumerable.Repeat("61", 256)) },
        { "a key of 257 bytes", "0000010D 04D2162E 00000001 " + string.Concat(Enumerable.Repeat("61", 257)) },
        { "HTTP", "'GET / HTTP/1.1' 0D0A0D0A" },
    };

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task Before_login(string what, string hex)
    {
        var expected = await BeginAsync((await server.ServerAsync()).Port, hex);
        using var certificate = new TestCertificate();
        foreach (var useLoops in new[] { true, false })
        {
            await using var host = await SessionHost.StartAsync(server, options: new Weir.Agent.Sessions.SessionOptions { UseLoops = useLoops }, certificate: certificate);
            (await BeginAsync(host.Port, hex)).ShouldBe(expected, what);
        }
    }

    private static async Task<string[]> ConverseAsync(int port, string user, string password, byte[] sent)
    {
        await using var client = await RawClient.ConnectAsync("127.0.0.1", port);
        await client.LogInAsync(user, password, "orders");
        await client.Query("CREATE TEMPORARY TABLE t (v text)").RoundTripAsync();
        client.Out.WriteBytes(sent);
        var told = new List<string>();
        try
        {
            await client.SendAsync();
            while (true)
            {
                var message = await client.ReceiveAsync();
                if (message.Type != BackendMessageType.ParameterStatus)
                    told.Add(message.Type == BackendMessageType.ErrorResponse ? $"{message} {message.Diagnostic.Message}" : message.ToString());
                if (told is [.., "D:42", _, _])
                    return [.. told];
            }
        }
        catch (Exception fault) when (fault is IOException or EndOfStreamException or SocketException)
        {
            return [.. told, "closed"];
        }
    }

    /// <summary>Packets with a bar between them wait for an answer each.</summary>
    private static async Task<string> BeginAsync(int port, string hex)
    {
        using var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync("127.0.0.1", port, Cancel);
        var stream = tcp.GetStream();
        var told = new List<byte>();
        var buffer = new byte[4096];
        try
        {
            var packets = hex.Split('|');
            for (var i = 0; i < packets.Length; i++)
            {
                await stream.WriteAsync(Bytes(packets[i]), Cancel);
                if (i < packets.Length - 1)
                    told.Add((byte)stream.ReadByte());
            }

            // Who waits for more is told that there is none.
            tcp.Client.Shutdown(SocketShutdown.Send);
            while (await stream.ReadAsync(buffer, Cancel).AsTask().WaitAsync(Patience, Cancel) is var count and > 0)
                told.AddRange(buffer.AsSpan(0, count));
        }
        catch (IOException)
        {
            // A reset closes too.
        }

        return Tell([.. told]);
    }

    private static string Tell(byte[] received)
    {
        var answers = "";
        var at = 0;
        for (; at < received.Length && received[at] is (byte)'N' or (byte)'S'; at++)
            answers += (char)received[at];
        var scanner = new FrameScanner(received.AsSpan(at), MessageDirection.Backend, ProtocolLimits.Default);
        while (scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            var message = new RawMessage(frame.BackendType, frame.Body.ToArray());
            answers += message.Type == BackendMessageType.ErrorResponse ? $" {message} {message.Diagnostic.Message}" : " " + message;
        }

        return answers;
    }

    private static byte[] Bytes(string text)
    {
        var bytes = new List<byte>();
        var parts = text.Split('\'');
        for (var i = 0; i < parts.Length; i++)
            bytes.AddRange(i % 2 == 1 ? Encoding.ASCII.GetBytes(parts[i]) : Convert.FromHexString(parts[i].Replace(" ", "", StringComparison.Ordinal)));
        return [.. bytes];
    }
}
