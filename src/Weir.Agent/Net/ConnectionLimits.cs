using System.Net;

namespace Weir.Agent.Net;

/// <summary>Counts client connections: all, per address, and those that have not authenticated yet. Thread-safe.</summary>
internal sealed class ConnectionLimits(int maxTotal, int maxPerAddress, int maxUnauthenticated)
{
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private readonly Lock _gate = new();
    private int _total;
    private int _unauthenticated;

    /// <summary>Counts one more connection, unauthenticated at first. Null: there is no room; otherwise dispose the lease when it ends.</summary>
    /// <param name="address">Null for Unix sockets.</param>
    public ConnectionLease? TryEnter(IPAddress? address)
    {
        lock (_gate)
        {
            var ofAddress = address is null ? 0 : _perAddress.GetValueOrDefault(address);
            if (_total >= maxTotal || _unauthenticated >= maxUnauthenticated || ofAddress >= maxPerAddress)
                return null;
            _total++;
            _unauthenticated++;
            if (address is not null)
                _perAddress[address] = ofAddress + 1;
            return new ConnectionLease(this, address);
        }
    }

    internal void OnAuthenticated()
    {
        lock (_gate)
            _unauthenticated--;
    }

    internal void Leave(IPAddress? address, bool wasAuthenticated)
    {
        lock (_gate)
        {
            _total--;
            if (!wasAuthenticated)
                _unauthenticated--;
            if (address is null)
                return;
            var left = _perAddress.GetValueOrDefault(address) - 1;
            if (left > 0)
                _perAddress[address] = left;
            else
                _perAddress.Remove(address);
        }
    }
}
