using Npgsql;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Server.Hosting;

/// <summary>
/// Hears what other replicas say, over one connection of its own. Whenever it begins to listen, everybody in this process who follows something looks at the
/// database anew.
/// </summary>
internal sealed partial class ClusterListener(ClusterChannel channel, ControlPlaneOptions options, TimeProvider time, ILogger<ClusterListener> logger) : BackgroundService
{
    /// <summary>The connection's name at the database.</summary>
    public const string ApplicationName = "weir-signals";

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>A silent connection is asked whether it is still there.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is NpgsqlException or IOException or InvalidOperationException or TimeoutException or OperationCanceledException)
            {
                LogLost(fault.Message);
            }

            await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString) { Pooling = false, ApplicationName = ApplicationName, CommandTimeout = 10, Timeout = 10 };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        connection.Notification += (_, said) => channel.Receive(said.Payload);
        await connection.OpenAsync(stoppingToken);
        await RunAsync(connection, $"LISTEN {ClusterChannel.Name}", stoppingToken);
        channel.Began();
        while (true)
        {
            if (!await connection.WaitAsync(Silence, stoppingToken))
            {
                await RunAsync(connection, "SELECT 1", stoppingToken);
            }
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(EventId = 1020, Level = LogLevel.Warning, Message = "Other control planes are not heard, trying again: {Reason}")]
    private partial void LogLost(string reason);
}
