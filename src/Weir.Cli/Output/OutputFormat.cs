namespace Weir.Cli.Output;

internal enum OutputFormat
{
    Table,
    Json,
    Yaml,
}
