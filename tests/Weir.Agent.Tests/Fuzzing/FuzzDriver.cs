using System.Collections.Concurrent;
using Weir.Agent.Sessions;
using Weir.Agent.Upstream;

namespace Weir.Agent.Tests.Fuzzing;

/// <summary>Moves a session without sockets, threads or time: what is posted waits for <see cref="TryRun"/>.</summary>
internal sealed class FuzzDriver : SessionDriver
{
    private readonly ConcurrentQueue<Action<PostgresSession>> _posted = new();

    public override void Post(Action<PostgresSession> work) => _posted.Enqueue(work);

    public override void ConnectUpstream(UpstreamHost host, TimeSpan timeout) => Post(static s => s.OnUpstreamConnected());

    public override void StartUpstreamTls(UpstreamTlsOptions options) => throw new InvalidOperationException("TLS was not offered");

    public override void DropUpstream()
    {
    }

    public override void WakeAfter(TimeSpan? delay)
    {
    }

    public bool TryRun(PostgresSession session)
    {
        if (!_posted.TryDequeue(out var work))
            return false;
        work(session);
        return true;
    }
}
