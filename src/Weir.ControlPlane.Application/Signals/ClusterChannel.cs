using Npgsql;
using NpgsqlTypes;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>
/// From replica to replica by PostgreSQL's LISTEN and NOTIFY: told in the transaction of the change, so that it is heard after the commit and never without it.
/// Only kinds, ids and numbers travel; whoever hears of something reads it from the database.
/// </summary>
public sealed class ClusterChannel
{
    public const string Name = "weir_signals";

    private readonly ClusterSignals _signals;
    private readonly string _replica = Guid.NewGuid().ToString("N")[..12];

    internal ClusterChannel(IClusterSignals signals) => _signals = (ClusterSignals)signals;

    internal async ValueTask NotifyAsync(NpgsqlTransaction transaction, IReadOnlyList<ClusterSignal> signals, CancellationToken cancellationToken)
    {
        if (signals.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand("SELECT pg_notify($1, said) FROM unnest($2) AS said", transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = Name },
                new() { Value = signals.Select(s => $"{_replica} {SignalText.Write(s)}").Distinct().ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A notification came. One's own was published when it was committed; one that does not read is of a newer replica, or of nobody.</summary>
    public void Receive(string payload)
    {
        var parts = payload.Split(' ', 2);
        if (parts.Length == 2 && parts[0] != _replica && SignalText.Read(parts[1]) is { } signal)
        {
            _signals.Publish([signal]);
        }
    }

    /// <summary>Listening begins, or begins again: what was said before was not heard.</summary>
    public void Began() => _signals.Lose();
}
