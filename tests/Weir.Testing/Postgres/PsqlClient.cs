using Weir.Testing.Processes;

namespace Weir.Testing.Postgres;

/// <summary>The real <c>psql</c>, as a user would start it, without a terminal and without anything taken from the environment.</summary>
public sealed class PsqlClient
{
    private static readonly string[] Clean = ["--no-psqlrc", "--set", "VERBOSITY=verbose", "--dbname"];
    private readonly Dictionary<string, string?> _environment;

    /// <summary>psql with the libpq that it was built with, or with another one.</summary>
    /// <param name="libpq">A directory from <see cref="LibpqDirectory"/>.</param>
    public PsqlClient(string? libpq = null)
    {
        // What libpq takes from PG… variables of whoever started the tests would change what is tested.
        _environment = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("PG", StringComparison.Ordinal))
            .ToDictionary(name => name, _ => (string?)null);
        _environment["PGCONNECT_TIMEOUT"] = "15";
        _environment["PSQL_PAGER"] = "";
        _environment["PGTZ"] = null;
        if (libpq is not null)
        {
            _environment["LD_LIBRARY_PATH"] = libpq;
        }
    }

    /// <summary>Sets a variable for every psql started from here on, such as <c>PGSSLMODE</c>.</summary>
    public PsqlClient With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    /// <summary>Runs commands, each as by <c>-c</c>, unaligned and without headers; stops at the first error.</summary>
    public Task<ProcessResult> QueryAsync(string url, IEnumerable<string> commands, CancellationToken cancellationToken = default) =>
        RunAsync(
            [.. Clean, url, "--set", "ON_ERROR_STOP=1", "--quiet", "--tuples-only", "--no-align", .. commands.SelectMany(command => new[] { "--command", command })],
            input: null,
            cancellationToken);

    /// <summary>Feeds a script to psql's standard input and goes on after errors, as in an interactive session.</summary>
    public Task<ProcessResult> ScriptAsync(string url, string script, CancellationToken cancellationToken = default) =>
        RunAsync([.. Clean, url], script, cancellationToken);

    /// <summary>Starts psql in the background, for statements that are held or cancelled.</summary>
    public BackgroundProcess Start(string url, params string[] arguments) =>
        BackgroundProcess.Start("psql", [.. Clean, url, .. arguments], _environment);

    private Task<ProcessResult> RunAsync(string[] arguments, string? input, CancellationToken cancellationToken) =>
        ProcessRunner.RunAsync("psql", arguments, _environment, input, cancellationToken: cancellationToken);
}
