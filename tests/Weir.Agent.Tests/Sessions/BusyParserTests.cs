using Weir.Agent.Tests.Sessions.Support;
using Weir.Sql.Parsing;

namespace Weir.Agent.Tests.Sessions;

public sealed class BusyParserTests(SampleServer server)
{
    private static readonly ParserLimits OnePlace = new() { MaxConcurrency = 1, MaxWait = TimeSpan.Zero, MaxCommentNesting = int.MaxValue, Deadline = TimeSpan.FromSeconds(2) };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Statement_that_found_the_machine_too_busy_is_judged_when_it_is_sent_again(bool isExtended)
    {
        await using var host = await SessionHost.StartAsync(server, parser: OnePlace);
        await using var client = await host.OpenRawAsync();
        var holder = new Thread(() => host.Parser.Parse("select 1 "u8.ToArray().Concat(Enumerable.Repeat("/*"u8.ToArray(), 100_000).SelectMany(b => b)).ToArray()).Dispose());
        holder.Start();
        SpinWait.SpinUntil(() => host.Parser.Parse("select 1"u8) is ParseRefused, TimeSpan.FromSeconds(20)).ShouldBeTrue();

        var busy = await AskAsync();
        holder.Join();
        var again = await AskAsync();

        busy.Texts().ShouldContain("E:42501");
        again.Texts().Count(t => t.StartsWith("D:", StringComparison.Ordinal)).ShouldBe(3, string.Join(" ", again.Texts()));

        Task<List<RawMessage>> AskAsync() => isExtended
            ? client.Parse("", "SELECT ssn FROM customers LIMIT 3").Bind("", "").Execute().Sync().RoundTripAsync()
            : client.Query("SELECT ssn FROM customers LIMIT 3").RoundTripAsync();
    }
}
