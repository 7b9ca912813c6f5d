namespace Weir.Cli.Tests.Support;

/// <summary>Runs commands in this process with an environment of their own and an empty home.</summary>
internal sealed class WeirCli : IDisposable
{
    public const string Token = "weir_a-secret-token-of-tests";

    private readonly Dictionary<string, string> _environment = [];

    public WeirCli(FakeControlPlane? server = null)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("weir-cli-").FullName;
        _environment["XDG_CONFIG_HOME"] = Directory;
        if (server is not null)
        {
            _environment["WEIR_API_URL"] = server.Url;
            _environment["WEIR_TOKEN"] = Token;
        }
    }

    /// <summary>A folder for this test's files.</summary>
    public string Directory { get; }

    public WeirCli With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    public WeirCli Without(string variable)
    {
        _environment.Remove(variable);
        return this;
    }

    /// <summary>Writes a file and returns its path.</summary>
    public string Write(string name, string content)
    {
        var path = Path.Combine(Directory, name);
        File.WriteAllText(path, content);
        return path;
    }

    public Task<CliResult> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    public async Task<CliResult> RunWithInputAsync(string input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var context = new CommandContext(new StringReader(input), output, error, name => _environment.GetValueOrDefault(name));
        var exitCode = await CommandLine.RunAsync(arguments, context, TestContext.Current.CancellationToken);
        return new(exitCode, output.ToString(), error.ToString());
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
