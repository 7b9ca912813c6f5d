using Weir.Policy.Patterns;

namespace Weir.Policy.Tests.Patterns;

public sealed class SettingPatternTests
{
    [Theory]
    [InlineData("role", "role", "postgres", true)]
    [InlineData("role", "role", null, true)]
    [InlineData("role", "search_path", "x", false)]
    [InlineData("log_*", "log_statement", "none", true)]
    [InlineData("row_security=off", "row_security", "off", true)]
    [InlineData("row_security=off", "row_security", "FALSE", true)]
    [InlineData("row_security=off", "row_security", "n", true)]
    [InlineData("row_security=off", "row_security", "0", true)]
    [InlineData("row_security=off", "row_security", "on", false)]
    [InlineData("row_security=off", "row_security", "t", false)]
    [InlineData("row_security=off", "row_security", null, true)]
    [InlineData("role", "", "x", true)]
    [InlineData("role", "*", null, false)]
    [InlineData("*", "*", null, true)]
    public void Unknown_names_and_values_match_and_reset_all_does_not(string pattern, string name, string? value, bool matches)
    {
        SettingPattern.TryParse(pattern, out var parsed, out string? fault).ShouldBeTrue(fault);
        parsed.Matches(name, value).ShouldBe(matches);
    }

    [Theory]
    [InlineData("Role")]
    [InlineData("")]
    [InlineData("a b")]
    public void A_setting_has_a_lower_case_name(string text) => SettingPattern.TryParse(text, out _, out _).ShouldBeFalse();
}
