using System.Threading.Channels;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>Signals in order. A reader that falls too far behind gets <see cref="SignalsLostException"/> and must look at the database anew.</summary>
public sealed class ClusterSubscription(ChannelReader<ClusterSignal> reader, Action dispose) : IDisposable
{
    /// <exception cref="SignalsLostException">Too many signals waited.</exception>
    public IAsyncEnumerable<ClusterSignal> ReadAllAsync(CancellationToken cancellationToken) => reader.ReadAllAsync(cancellationToken);

    public void Dispose() => dispose();
}
