using System.Runtime.InteropServices;
using Weir.Agent.Sessions;

namespace Weir.Agent.Net.Epoll;

/// <content>The end: what is left is sent, a client with a last word gets the chance to read it, and nobody waits longer than the deadline.</content>
internal sealed unsafe partial class EpollDriver
{
    private void Close()
    {
        if (!_isClosing)
        {
            _isClosing = true;
            _client.Forget();
            _upstream?.Forget();
            if (_upstream is { IsConnecting: true })
                DropUpstream();
        }

        GoOnClosing();
    }

    private void GoOnClosing()
    {
        if (_isOver)
            return;
        if (_upstream is { UnsentBytes: 0 } upstream)
            CloseLeg(upstream);
        if (_client is { UnsentBytes: 0, Fd: >= 0 })
        {
            if (!_session.HasLastWord)
            {
                CloseLeg(_client);
            }
            else if (!_isShutDown)
            {
                // A socket that is closed with unread bytes in it is reset, and the reset can overtake the error message that explains it.
                _isShutDown = true;
                _client.Tls?.SayGoodbye(_client.Fd);
                _ = Libc.Shutdown(_client.Fd, Libc.ShutdownWrite);
                if (_client.IsReady)
                    _loop.Again(_client);
            }
        }

        if (_client.Fd < 0 && _upstream is null or { Fd: < 0 })
        {
            Finish();
        }
        else if (_closeTimer is null)
        {
            _closeTimer = CreateTimer(static driver => driver._loop.Post(static state => ((EpollDriver)state).Abort(), driver));
            _closeTimer.Change(_context.Services.Options.CloseDeadline, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Reads what nobody wants any more, to learn when the peer has closed.</summary>
    private void Discard(EpollLeg leg)
    {
        var count = Libc.Receive(leg.Fd, _loop.Buffer, EpollLoop.ReceiveBytes, 0);
        if (count > 0)
        {
            OnReceived(leg, isAll: count < EpollLoop.ReceiveBytes);
            return;
        }

        if (count < 0 && Marshal.GetLastSystemError() is Libc.Again or Libc.Interrupted)
        {
            leg.IsReady = false;
            return;
        }

        CloseLeg(leg);
        GoOnClosing();
    }

    private void CloseLeg(EpollLeg leg)
    {
        if (leg.Tls is { } tls)
        {
            if (leg.Fd >= 0)
                tls.SayGoodbye(leg.Fd);
            tls.Close();
            leg.Tls = null;
        }

        _loop.Poll.Close(leg);
        leg.Forget();
        if (leg.Unsent is not null)
            _loop.TakeBack(leg.EndUnsent());
    }

    private void Finish()
    {
        _isOver = true;
        DisposeTimers();
        _lease?.Dispose();
        _lease = null;
        _loop.Leave();
    }

    private void DisposeTimers()
    {
        _timer?.Dispose();
        _closeTimer?.Dispose();
        _connectTimer?.Dispose();
    }
}
