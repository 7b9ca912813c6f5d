using System.Net.Sockets;

namespace Weir.Agent.Net.Epoll;

/// <summary>From descriptors of a loop to the framework's sockets.</summary>
internal static class EpollSockets
{
    /// <summary>Takes the descriptor out of its handler. It must be registered nowhere.</summary>
    public static Socket ToSocket(EpollHandler handler)
    {
        // The framework expects a socket that blocks, and makes it another one when it has to.
        _ = Libc.Control(handler.Fd, Libc.SetFlags, Libc.Control(handler.Fd, Libc.GetFlags, 0) & ~Libc.Nonblock);
        var socket = new Socket(new SafeSocketHandle(handler.Fd, ownsHandle: true));
        handler.Fd = -1;
        return socket;
    }
}
