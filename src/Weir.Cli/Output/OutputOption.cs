using System.CommandLine;

namespace Weir.Cli.Output;

/// <summary>The <c>-o</c> option that every command takes.</summary>
internal static class OutputOption
{
    public static Option<OutputFormat> Create() => new("--output", "-o")
    {
        Description = "table (for people), json or yaml",
        DefaultValueFactory = _ => OutputFormat.Table,
    };
}
