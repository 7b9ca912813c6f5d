using System.Text.Json.Nodes;

namespace Weir.Cli.Tests.Support;

/// <summary>What a run of <c>weir</c> printed and how it ended.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    public JsonNode Json => JsonNode.Parse(Output)!;
}
