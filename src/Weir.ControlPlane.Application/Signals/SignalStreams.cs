using System.Runtime.CompilerServices;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

public static class SignalStreams
{
    /// <summary>Signals as they come; null at the beginning and whenever some may have been missed: look at the database anew.</summary>
    public static async IAsyncEnumerable<ClusterSignal?> FollowAsync(this IClusterSignals signals, OrganizationId? organization, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            using var subscription = signals.Subscribe(organization);
            yield return null;
            await using var read = subscription.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                ClusterSignal signal;
                try
                {
                    if (!await read.MoveNextAsync())
                    {
                        yield break;
                    }

                    signal = read.Current;
                }
                catch (SignalsLostException)
                {
                    break;
                }

                yield return signal;
            }
        }
    }
}
