using Weir.Cli.Api;

namespace Weir.Cli;

/// <summary>What a command works with: where output goes and how the control plane is reached.</summary>
internal sealed class CommandContext(TextWriter output, TextWriter error)
{
    public TextWriter Output { get; } = output;

    public TextWriter Error { get; } = error;

    /// <summary>Address of the control plane: <c>WEIR_API_URL</c>, else that of the last <c>weir login</c>.</summary>
    public string? ApiUrl { get; } = Environment.GetEnvironmentVariable("WEIR_API_URL") is { Length: > 0 } url ? url : LoginFile.Read()?.ApiUrl;

    private static string? Token => Environment.GetEnvironmentVariable("WEIR_TOKEN") is { Length: > 0 } token ? token : LoginFile.Read()?.Token;

    /// <exception cref="CommandFailure">Address or token are missing.</exception>
    public ApiClient Api()
    {
        var url = ApiUrl ?? throw new CommandFailure("no control plane is known: set WEIR_API_URL or run 'weir login --url URL'", ExitCodes.Usage);
        var token = Token ?? throw new CommandFailure("you are not signed in: set WEIR_TOKEN or run 'weir login'", ExitCodes.Usage);
        return new ApiClient(url, token);
    }
}
