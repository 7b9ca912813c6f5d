using Npgsql;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Server.Configuration;
using Weir.ControlPlane.Server.Hosting;

namespace Weir.ControlPlane.Server.Commands;

/// <summary>
/// <c>weir-server</c> serves; <c>weir-server migrate</c> brings the database to this version's schema; <c>weir-server bootstrap --file F</c> makes an
/// organization with its first principals. Exit status 0 done, 1 failed, 2 wrong usage or settings.
/// </summary>
internal static class ServerCommandLine
{
    private const string Usage = """
        usage: weir-server [serve]
               weir-server migrate
               weir-server bootstrap --file FILE
        Settings come from the environment; README.md lists them.
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            switch (args)
            {
                case [] or ["serve"]:
                    await ServeAsync(ReadOptions());
                    return 0;
                case ["migrate"]:
                    await MigrateCommand.RunAsync(ReadOptions(), Console.Out, CancellationToken.None);
                    return 0;
                case ["bootstrap", "--file", var file]:
                    await BootstrapCommand.RunAsync(ReadOptions(), file, Console.Out, CancellationToken.None);
                    return 0;
                case ["--help" or "-h" or "help"]:
                    Console.Out.WriteLine(Usage);
                    return 0;
                default:
                    Console.Error.WriteLine(Usage);
                    return 2;
            }
        }
        catch (ConfigurationException fault)
        {
            foreach (var line in fault.Faults)
            {
                Console.Error.WriteLine($"weir-server: {line}");
            }

            return 2;
        }
        catch (ValidationFailedException fault)
        {
            foreach (var line in fault.Faults)
            {
                Console.Error.WriteLine($"weir-server: {line.Path}: {line.Message}");
            }

            return 1;
        }
        catch (Exception fault) when (fault is NpgsqlException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"weir-server: {fault.Message}");
            return 1;
        }
    }

    private static ServerOptions ReadOptions() => ServerOptions.FromEnvironment(Environment.GetEnvironmentVariables());

    private static async Task ServeAsync(ServerOptions options)
    {
        await using var app = ServerHost.Build(options);
        await ServerHost.EnsureReadyAsync(app, CancellationToken.None);
        await app.RunAsync();
    }
}
