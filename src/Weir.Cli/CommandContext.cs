using Weir.Cli.Api;

namespace Weir.Cli;

/// <summary>What a command works with: where input and output go, and how the control plane is reached.</summary>
/// <param name="environment">Finds a variable of the environment; null when it is not set.</param>
internal sealed class CommandContext(TextReader input, TextWriter output, TextWriter error, Func<string, string?> environment)
{
    public TextReader Input { get; } = input;

    public TextWriter Output { get; } = output;

    public TextWriter Error { get; } = error;

    /// <summary>Where <c>weir login</c> keeps the sign-in.</summary>
    public string LoginLocation => LoginFile.LocationIn(environment("XDG_CONFIG_HOME"));

    /// <summary>Address of the control plane: <c>WEIR_API_URL</c>, else that of the last <c>weir login</c>.</summary>
    public string? ApiUrl => Variable("WEIR_API_URL") ?? LoginFile.Read(LoginLocation)?.ApiUrl;

    private string? Token => Variable("WEIR_TOKEN") ?? LoginFile.Read(LoginLocation)?.Token;

    /// <exception cref="CommandFailure">Address or token are missing.</exception>
    public ApiClient Api()
    {
        var url = ApiUrl ?? throw new CommandFailure("no control plane is known: set WEIR_API_URL or run 'weir login --url URL'", ExitCodes.Usage);
        var token = Token ?? throw new CommandFailure("you are not signed in: set WEIR_TOKEN or run 'weir login'", ExitCodes.Usage);
        return new ApiClient(url, token);
    }

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
