using System.Runtime.InteropServices;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Net.Epoll;

/// <content>Output: sent at once as a rule; what a socket does not take stays with its leg until it does.</content>
internal sealed unsafe partial class EpollDriver
{
    private void Send(EpollLeg? leg, MessageWriter output)
    {
        if (output.IsEmpty)
            return;
        if (leg is null || leg.Fd < 0 || leg.IsConnecting)
        {
            output.Clear();
            return;
        }

        // Something waits already; the loop says when it can go on.
        if (leg.Unsent is not null)
            return;
        var written = output.Written;
        var sent = SendOnce(leg, written);
        if (sent == written.Length)
        {
            output.Clear();
            return;
        }

        _loop.GiveAway(output);
        leg.BeginUnsent(output, sent);
    }

    /// <returns>Bytes sent. All of them also when the connection is broken: that shows when it is read, behind what the peer said last.</returns>
    private static int SendOnce(EpollLeg leg, ReadOnlySpan<byte> bytes)
    {
        if (leg.Tls is { } tls)
            return tls.Send(leg.Fd, bytes);
        fixed (byte* first = bytes)
        {
            var count = Libc.Send(leg.Fd, first, (nuint)bytes.Length, Libc.NoSignal);
            if (count >= 0)
                return (int)count;
            return Marshal.GetLastSystemError() is Libc.Again or Libc.Interrupted ? 0 : bytes.Length;
        }
    }

    private void OnWritable(EpollLeg leg)
    {
        leg.Tls?.Flush(leg.Fd);
        // Until the socket takes no more: only then it is reported once more.
        while (leg.Unsent is not null)
        {
            var waiting = leg.UnsentPart;
            var sent = SendOnce(leg, waiting);
            if (sent == waiting.Length)
                _loop.TakeBack(leg.EndUnsent());
            else if (sent > 0)
                leg.OnSent(sent);
            else
                break;
        }

        if (_isClosing)
            GoOnClosing();
        else if (leg.UnsentBytes <= LowWater)
            Call(static _ => { });
    }
}
