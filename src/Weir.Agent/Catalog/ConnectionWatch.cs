using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Weir.Agent.Link;
using Weir.Agent.Policies;
using Weir.Agent.Sessions;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Documents;

namespace Weir.Agent.Catalog;

/// <summary>
/// Looks at every connection's database now and then, and at once when the policy changes, so that people hear that one can't be reached, or that a
/// masking rule matches nothing there, before anybody needs it.
/// </summary>
internal sealed class ConnectionWatch(PolicyHolder policies, CatalogSources catalogs, ConnectionStatusBoard board, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    /// <summary>What was logged last of each connection: a state is logged when it begins, not every minute.</summary>
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);

    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public async Task RunAsync(CancellationToken stop)
    {
        void OnChanged() => _changed.Writer.TryWrite(true);

        policies.Changed += OnChanged;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                if (policies.Current is { } policy)
                {
                    foreach (var connection in policy.Snapshot.Documents.OfType<ConnectionDocument>())
                        await LookAtAsync(policy, connection, stop).ConfigureAwait(false);
                }

                await WaitAsync(stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The agent ends.
        }
        finally
        {
            policies.Changed -= OnChanged;
        }
    }

    private async Task LookAtAsync(CompiledPolicy policy, ConnectionDocument connection, CancellationToken stop)
    {
        var name = connection.Metadata.Name;
        var source = catalogs.Get(connection, connection.Upstream.Database);
        try
        {
            var looked = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
            source.WhenReady(failure => looked.TrySetResult(failure));
            var answer = await looked.Task.WaitAsync(Interval, time, stop).ConfigureAwait(false);
            if (answer is null && source.Current is { } catalog)
                Report(policy, name, [.. catalog.Columns()]);
            else
                board.Report(name, isReachable: false, answer ?? "the database's catalog can't be read");
        }
        catch (TimeoutException)
        {
            board.Report(name, isReachable: false, "the database does not answer");
        }
        finally
        {
            source.Leave();
        }
    }

    private void Report(CompiledPolicy policy, string connection, List<(QualifiedName Relation, string Column)> columns)
    {
        var rules = policy.IdleMaskingRules(connection, columns);
        var detail = string.Join(' ', policy.IdleMaskedColumns(connection, columns).Select(c => $"Masking rule {c.Rule}: {c.Column} matches no column."));
        board.Report(connection, isReachable: true, detail, rules);
        var said = string.Join(", ", rules) + detail;
        if (said.Length > 0 && said != _said.GetValueOrDefault(connection))
            log.IdleMasks(connection, rules.IsEmpty ? "none" : string.Join(", ", rules), detail);
        _said[connection] = said;
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        using var interval = CancellationTokenSource.CreateLinkedTokenSource(stop);
        interval.CancelAfter(Interval);
        try
        {
            await _changed.Reader.ReadAsync(interval.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Time for the next round.
        }
    }
}
