using System.Net;

namespace Weir.Agent.Net;

/// <summary>One counted connection.</summary>
internal sealed class ConnectionLease(ConnectionLimits limits, IPAddress? address) : IDisposable
{
    private int _state;

    public void OnAuthenticated()
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) == 0)
            limits.OnAuthenticated();
    }

    public void Dispose()
    {
        var before = Interlocked.Exchange(ref _state, 2);
        if (before != 2)
            limits.Leave(address, wasAuthenticated: before == 1);
    }
}
