using System.Net.Sockets;

namespace Weir.Agent.Net.Epoll;

/// <summary>The event loops of an agent and the sockets they listen on.</summary>
internal sealed class EpollServer : IAsyncDisposable
{
    private readonly EpollContext _context;
    private readonly EpollLoop[] _loops;
    private readonly List<EpollAcceptor> _acceptors = [];

    public EpollServer(EpollContext context, int loops)
    {
        _context = context;
        _loops = [.. Enumerable.Range(0, loops).Select(i => new EpollLoop(i, context.Services.Log))];
    }

    public IReadOnlyList<EpollLoop> Loops => _loops;

    /// <param name="listening">Bound and listening; owned from here on.</param>
    public void Start(IEnumerable<Socket> listening)
    {
        foreach (var socket in listening)
            _acceptors.Add(new EpollAcceptor(_loops, _context, socket));
        foreach (var loop in _loops)
            loop.Start();
        foreach (var acceptor in _acceptors)
            _loops[0].Post(static state => ((EpollAcceptor)state).Start(), acceptor);
    }

    /// <summary>Takes no new clients; those that are there stay.</summary>
    public void StopAccepting()
    {
        foreach (var acceptor in _acceptors)
            _loops[0].Post(static state => ((EpollAcceptor)state).Abort(), acceptor);
    }

    /// <summary>Ends every session hard, and the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        StopAccepting();
        foreach (var loop in _loops)
            loop.Post(static state => AbortAll((EpollLoop)state), loop);
        await Task.Run(() =>
        {
            foreach (var loop in _loops)
                loop.Stop();
        }).ConfigureAwait(false);
        foreach (var loop in _loops)
            loop.Dispose();
    }

    private static void AbortAll(EpollLoop loop)
    {
        foreach (var handler in loop.Poll.Handlers())
            handler.Abort();
    }
}
