using System.Net.Sockets;
using System.Text;
using Weir.Agent.Catalog;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Upstream;

/// <summary>
/// A connection of the agent's own to a database, for small questions in text form. Not thread-safe: one question at a time. Every
/// failure throws and leaves the connection unusable, except an error that the server reports.
/// </summary>
internal sealed class AgentConnection : IAsyncDisposable
{
    /// <summary>Largest answer that is read into memory.</summary>
    private const int MaxMessage = 64 * 1024 * 1024;

    private static readonly ProtocolLimits Limits = new(maxRowMessage: MaxMessage);

    private readonly MessageWriter _output = new(1024);
    private readonly Socket _socket;
    private Stream _stream;
    private byte[] _received = new byte[32 * 1024];
    private int _start;
    private int _end;

    private AgentConnection(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    public CancelKey? BackendKey { get; private set; }

    /// <summary>False when the server has closed the connection, or said something unasked (it says so before it closes).</summary>
    public bool IsAlive => _start == _end && _socket.Connected && !_socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Connects to the first host that accepts and fits.</summary>
    /// <exception cref="UpstreamUnavailableException">None did.</exception>
    public static async Task<AgentConnection> OpenAsync(IReadOnlyList<UpstreamHost> hosts, UpstreamLogin login, ScramKeyCache keys, CancellationToken cancellationToken)
    {
        Exception? last = null;
        var pass = login.Anywhere is { } anywhere ? hosts.Select(h => (Host: h, Login: login)).Concat(hosts.Select(h => (Host: h, Login: anywhere))) : hosts.Select(h => (Host: h, Login: login));
        foreach (var (host, wanted) in pass)
        {
            foreach (var attempt in wanted.Tls == Weir.Policy.Documents.UpstreamTls.Prefer ? [wanted, wanted with { Tls = Weir.Policy.Documents.UpstreamTls.Disable }] : new[] { wanted })
            {
                try
                {
                    return await OpenAsync(host, attempt, keys, cancellationToken).ConfigureAwait(false);
                }
                catch (UpstreamUnavailableException fault)
                {
                    last = fault;
                    break;
                }
                catch (Exception fault) when (fault is SocketException or IOException or System.Security.Authentication.AuthenticationException)
                {
                    last = fault;
                }
            }
        }

        throw last as UpstreamUnavailableException ?? new UpstreamUnavailableException("weir: the database can't be reached", last?.Message ?? "no host");
    }

    /// <summary>Runs one or more statements.</summary>
    /// <param name="onRow">Called for every row of every statement; null for a NULL value.</param>
    /// <exception cref="UpstreamUnavailableException">The server reported an error (then the connection goes on), or the connection broke.</exception>
    /// <param name="parameters">Makes it one statement that is executed with them.</param>
    public async Task QueryAsync(string sql, Action<string?[]>? onRow, CancellationToken cancellationToken, BoundParameters? parameters = null)
    {
        _output.Clear();
        if (parameters is null)
            Query.Write(_output, sql);
        else
            parameters.Write(_output, sql);
        await RunAsync(onRow, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stream.WriteAsync(Terminate.Bytes.ToArray(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It is closed already.
        }

        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<AgentConnection> OpenAsync(UpstreamHost host, UpstreamLogin login, ScramKeyCache keys, CancellationToken cancellationToken)
    {
        var connection = new AgentConnection(await UpstreamConnector.ConnectAsync(host, cancellationToken).ConfigureAwait(false));
        try
        {
            await connection.LogInAsync(new UpstreamHandshake(login, host, keys), cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection._stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task LogInAsync(UpstreamHandshake handshake, CancellationToken cancellationToken)
    {
        var step = handshake.Begin(_output);
        while (true)
        {
            if (step == UpstreamStep.Failed)
                throw new UpstreamUnavailableException(handshake.Failure!.Message, handshake.Failure.Detail);
            if (step == UpstreamStep.Ready)
                break;
            if (step == UpstreamStep.NeedTls)
            {
                var (stream, hash) = await UpstreamConnector.EncryptAsync(_stream, handshake.TlsOptions, cancellationToken).ConfigureAwait(false);
                _stream = stream;
                handshake.OnTls(hash, _output);
            }

            await _stream.WriteAsync(_output.WrittenMemory, cancellationToken).ConfigureAwait(false);
            _output.Clear();
            if (_start == _end || step == UpstreamStep.NeedBytes)
                await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            step = handshake.OnBytes(_received.AsSpan(_start, _end - _start), _output, out var consumed);
            _start += consumed;
        }

        BackendKey = handshake.BackendKey;
    }

    private async Task RunAsync(Action<string?[]>? onRow, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(_output.WrittenMemory, cancellationToken).ConfigureAwait(false);
        UpstreamUnavailableException? error = null;
        while (!Consume(onRow, ref error))
            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        if (error is not null)
            throw error;
    }

    private bool Consume(Action<string?[]>? onRow, ref UpstreamUnavailableException? error)
    {
        var scanner = new FrameScanner(_received.AsSpan(_start, _end - _start), MessageDirection.Backend, Limits);
        var isReady = false;
        while (!isReady && scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            switch (frame.BackendType)
            {
                case BackendMessageType.DataRow:
                    onRow?.Invoke(ReadRow(DataRow.Read(frame.Body)));
                    break;
                case BackendMessageType.ErrorResponse:
                    var fields = ErrorResponse.Read(frame.Body);
                    error = new UpstreamUnavailableException("weir: the database refused a question of the agent", $"{Encoding.UTF8.GetString(fields.SqlState)}: {Encoding.UTF8.GetString(fields.Message)}") { SqlState = Encoding.UTF8.GetString(fields.SqlState) };
                    if (fields.IsFatal)
                        throw error;
                    break;
                case BackendMessageType.ReadyForQuery:
                    isReady = true;
                    break;
            }
        }

        _start += scanner.Position;
        return isReady;
    }

    private static string?[] ReadRow(DataRow row)
    {
        var values = new string?[row.FieldCount];
        var i = 0;
        foreach (var field in row.Fields)
            values[i++] = field.IsNull ? null : Encoding.UTF8.GetString(field.Value);
        return values;
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _received.Length)
        {
            var target = _start > _received.Length / 2 ? _received : new byte[Math.Min((long)_received.Length * 2, MaxMessage + 1024)];
            _received.AsSpan(_start, _end - _start).CopyTo(target);
            _received = target;
            _end -= _start;
            _start = 0;
        }

        var count = await _stream.ReadAsync(_received.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        if (count == 0)
            throw new UpstreamUnavailableException("weir: the database closed the connection", "closed");
        _end += count;
    }
}
