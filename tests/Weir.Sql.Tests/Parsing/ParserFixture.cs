using Weir.Sql.Parsing;

namespace Weir.Sql.Tests.Parsing;

/// <summary>One parser with limits that a busy machine does not trip over, for tests that are not about limits.</summary>
public sealed class ParserFixture : IDisposable
{
    public PostgresParser Parser { get; } = new(new ParserLimits { Deadline = TimeSpan.FromSeconds(10), MaxWait = TimeSpan.FromSeconds(60) });

    public void Dispose() => Parser.Dispose();
}
