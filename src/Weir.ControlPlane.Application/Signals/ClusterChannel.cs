using Npgsql;
using NpgsqlTypes;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>
/// From replica to replica by PostgreSQL's LISTEN and NOTIFY: told in the transaction of the change, so that it is heard after the commit and never without it.
/// Only kinds, ids and numbers travel, those of one transaction together; whoever hears of something reads it from the database.
/// </summary>
public sealed class ClusterChannel
{
    public const string Name = "weir_signals";

    /// <summary>PostgreSQL takes payloads below 8,000 bytes.</summary>
    private const int MaxPayload = 7_500;

    private readonly ClusterSignals _signals;
    private readonly string _replica = Guid.NewGuid().ToString("N")[..12];

    internal ClusterChannel(IClusterSignals signals) => _signals = (ClusterSignals)signals;

    internal async ValueTask NotifyAsync(NpgsqlTransaction transaction, IReadOnlyList<ClusterSignal> signals, CancellationToken cancellationToken)
    {
        if (signals.Count == 0)
        {
            return;
        }

        var payloads = new List<string>();
        foreach (var line in signals.Select(SignalText.Write).Distinct())
        {
            if (payloads is [.., var last] && last.Length + line.Length < MaxPayload)
            {
                payloads[^1] = $"{last}\n{line}";
            }
            else
            {
                payloads.Add($"{_replica} {line}");
            }
        }

        await using var command = new NpgsqlCommand("SELECT pg_notify($1, said) FROM unnest($2) AS said", transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = Name },
                new() { Value = payloads.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A notification came. One's own was published when it was committed; one that does not read is of a newer replica, or of nobody.</summary>
    public void Receive(string payload)
    {
        var parts = payload.Split(' ', 2);
        if (parts.Length == 2 && parts[0] != _replica && parts[1].Split('\n').Select(SignalText.Read).OfType<ClusterSignal>().ToList() is { Count: > 0 } signals)
        {
            _signals.Publish(signals);
        }
    }

    /// <summary>Listening begins, or begins again: what was said before was not heard.</summary>
    public void Began() => _signals.Lose();
}
