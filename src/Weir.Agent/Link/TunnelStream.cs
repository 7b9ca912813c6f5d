using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Weir.Agent.Net;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Link;

/// <summary>
/// One relayed client as a duplex stream.
/// <code>
/// relay → data frames → [what we gave credit for waits here] → ReadAsync → session; credit goes back as bytes are read
/// relay ← data frames ← [as far as the relay's credit goes] ← WriteAsync ← session
/// </code>
/// A session that does not read, or a client that does not, holds up its own tunnel only: never more than the window lies here, and frames are always taken off the HTTP/2 stream.
/// </summary>
internal sealed class TunnelStream : AsyncStream
{
    private const int FrameBytes = 32 * 1024;
    private const long LargestWindow = 16 * 1024 * 1024;

    private static readonly TimeSpan FirstFrameDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseDeadline = TimeSpan.FromSeconds(5);

    private readonly AsyncDuplexStreamingCall<TunnelFrame, TunnelFrame> _call;
    private readonly CreditWindow _sendWindow;
    private readonly long _window;
    private readonly Channel<ByteString> _received = Channel.CreateUnbounded<ByteString>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Task _receiving;
    private ReadOnlyMemory<byte> _current;
    private long _outstanding;
    private long _owed;
    private int _isDisposed;

    private TunnelStream(AsyncDuplexStreamingCall<TunnelFrame, TunnelFrame> call, TunnelStart start)
    {
        _call = call;
        Start = start;
        _window = start.Window;
        _outstanding = start.Window;
        _sendWindow = new CreditWindow(start.Window);
        _receiving = ReceiveAsync();
    }

    /// <summary>What the relay says of the client.</summary>
    public TunnelStart Start { get; }

    /// <summary>Dials the tunnel of a waiting client.</summary>
    /// <exception cref="RpcException">The control plane does not know the tunnel (any more), or can't be reached.</exception>
    /// <exception cref="IOException">Its first frame is not what it must be, or did not come in time.</exception>
    public static async Task<TunnelStream> DialAsync(Tunnel.TunnelClient client, Metadata headers, ByteString tunnelId, TimeProvider time, CancellationToken cancellationToken)
    {
        var call = client.Open(headers, cancellationToken: CancellationToken.None);
        try
        {
            using var deadline = new CancellationTokenSource(FirstFrameDeadline, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            await call.RequestStream.WriteAsync(new TunnelFrame { Accept = new TunnelAccept { TunnelId = tunnelId } }, either.Token).ConfigureAwait(false);
            if (!await call.ResponseStream.MoveNext(either.Token).ConfigureAwait(false) || call.ResponseStream.Current.BodyCase != TunnelFrame.BodyOneofCase.Start)
                throw new IOException("The relay did not start the tunnel.");
            var start = call.ResponseStream.Current.Start;
            if (start.Window is < 1 or > LargestWindow)
                throw new IOException($"The relay's window of {start.Window} bytes is out of range.");
            return new TunnelStream(call, start);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            call.Dispose();
            throw new IOException("The relay did not start the tunnel in time.", exception);
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        while (_current.IsEmpty)
        {
            if (!await _received.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                return 0;
            if (_received.Reader.TryRead(out var data))
                _current = data.Memory;
        }

        var count = Math.Min(buffer.Length, _current.Length);
        _current.Span[..count].CopyTo(buffer.Span);
        _current = _current[count..];
        _owed += count;
        if (_owed >= Math.Max(1, _window / 4))
            await GiveCreditAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var count = await _sendWindow.TakeAsync(Math.Min(buffer.Length, FrameBytes), cancellationToken).ConfigureAwait(false);

            // Copied: gRPC may keep the message after an interrupted write, and the buffer is the session's own.
            await SendAsync(new TunnelFrame { Data = ByteString.CopyFrom(buffer.Span[..count]) }, cancellationToken).ConfigureAwait(false);
            buffer = buffer[count..];
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _sendWindow.Close();
            using var deadline = new CancellationTokenSource(CloseDeadline);
            try
            {
                await SendAsync(new TunnelFrame { Close = new TunnelClose { Reason = "session ended" } }, deadline.Token).ConfigureAwait(false);
                await _call.RequestStream.CompleteAsync().WaitAsync(deadline.Token).ConfigureAwait(false);

                // The relay ends the call when it has passed on what is under way; cutting it off before would lose the session's last words.
                await _receiving.WaitAsync(deadline.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or RpcException or InvalidOperationException)
            {
                // The other end is gone already.
            }

            _call.Dispose();
            await _receiving.ConfigureAwait(false);
            _sending.Dispose();
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _sendWindow.Close();
            _call.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task GiveCreditAsync(CancellationToken cancellationToken)
    {
        var owed = _owed;
        _owed = 0;
        Interlocked.Add(ref _outstanding, owed);
        try
        {
            await SendAsync(new TunnelFrame { Credit = owed }, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The relay is gone; what it sent before is still read to its end.
        }
    }

    private async Task ReceiveAsync()
    {
        Exception? fault = null;
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            {
                var frame = _call.ResponseStream.Current;
                switch (frame.BodyCase)
                {
                    case TunnelFrame.BodyOneofCase.Data:
                        if (Interlocked.Add(ref _outstanding, -frame.Data.Length) < 0)
                            throw new IOException("The relay sent more than its credit.");
                        if (!frame.Data.IsEmpty)
                            _received.Writer.TryWrite(frame.Data);
                        break;
                    case TunnelFrame.BodyOneofCase.Credit:
                        if (!_sendWindow.TryGive(frame.Credit))
                            throw new IOException("The relay gave a credit that can't be meant.");
                        break;
                    case TunnelFrame.BodyOneofCase.Close:
                        _received.Writer.TryComplete();
                        break;
                }
            }
        }
        catch (RpcException exception)
        {
            fault = new IOException($"The tunnel broke ({exception.StatusCode}).", exception);
        }
        catch (IOException exception)
        {
            fault = exception;
            _call.Dispose();
        }
        finally
        {
            _received.Writer.TryComplete(fault);
            _sendWindow.Close();
        }
    }

    // Data of the session and credit of its reader are sent from two sides; a gRPC stream takes one message at a time.
    private async Task SendAsync(TunnelFrame frame, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _call.RequestStream.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException)
        {
            throw new IOException("The tunnel is closed.", exception);
        }
        finally
        {
            _sending.Release();
        }
    }
}
