using CsCheck;
using Weir.Policy.Patterns;

namespace Weir.Policy.Tests.Patterns;

public sealed class NamePatternTests
{
    private static NamePart Part(string text)
    {
        NamePattern.TryParse(text, 1, 1, out var pattern, out string? fault).ShouldBeTrue(fault);
        return pattern!.Last;
    }

    [Theory]
    [InlineData("orders", "orders", true)]
    [InlineData("orders", "Orders", false)]
    [InlineData("orders*", "orders_2024", true)]
    [InlineData("orders*", "orders", true)]
    [InlineData("*_log", "drop_log", true)]
    [InlineData("*_log", "log", false)]
    [InlineData("a*b*c", "axxbyyc", true)]
    [InlineData("a*b*c", "axxcyyb", false)]
    [InlineData("a*a", "a", false)]
    [InlineData("*", "", true)]
    [InlineData("**", "anything", true)]
    [InlineData("\"my.table\"", "my.table", true)]
    [InlineData("\"st*r\"", "star", false)]
    [InlineData("\"st*r\"", "st*r", true)]
    [InlineData("\"say \"\"hi\"\"\"", "say \"hi\"", true)]
    public void A_star_stands_for_any_run_of_characters_outside_quotes(string pattern, string name, bool matches)
        => Part(pattern).Matches(name).ShouldBe(matches);

    [Theory]
    [InlineData("a..b")]
    [InlineData("a.b.")]
    [InlineData("a.\"b")]
    [InlineData("a b.c")]
    [InlineData("")]
    [InlineData("a.b.c")]
    public void Two_parts_are_two_parts(string text) => NamePattern.TryParse(text, 2, 2, out _, out _).ShouldBeFalse();

    [Fact]
    public void Matching_agrees_with_the_plain_definition_of_a_wildcard()
        => Gen.Select(Gen.Char["ab*"].Array[0, 6].Select(c => new string(c)), Gen.Char["ab"].Array[0, 8].Select(c => new string(c))).Sample((pattern, name) =>
        {
            if (pattern.Length == 0)
                return;
            Part(pattern).Matches(name).ShouldBe(Plain(pattern, name), $"{pattern} {name}");
        }, iter: 20_000);

    [Fact]
    public void The_index_finds_every_rule_that_matches()
        => Gen.Select(Gen.Char["ab*"].Array[1, 4].Select(c => new string(c)).Array[1, 20], Gen.Char["ab"].Array[0, 6].Select(c => new string(c))).Sample((patterns, name) =>
        {
            var index = new PatternIndex([.. patterns.Select((p, i) => (Part(p), i))]);
            Span<ulong> found = stackalloc ulong[1];
            index.Collect(name, found);
            for (int i = 0; i < patterns.Length; i++)
            {
                if (Plain(patterns[i], name))
                    (found[0] & (1UL << i)).ShouldNotBe(0UL, $"{patterns[i]} {name}");
            }
        }, iter: 5_000);

    private static bool Plain(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (pattern.IsEmpty)
            return name.IsEmpty;
        if (pattern[0] != '*')
            return !name.IsEmpty && name[0] == pattern[0] && Plain(pattern[1..], name[1..]);
        for (int i = 0; i <= name.Length; i++)
        {
            if (Plain(pattern[1..], name[i..]))
                return true;
        }

        return false;
    }
}
