using System.Text;
using Weir.Protocol.Postgres.Scram;

namespace Weir.Protocol.Postgres.Tests.Scram;

/// <summary>What a server makes of such passwords is tested in LogInTests.</summary>
public sealed class SaslPrepTests
{
    [Theory]
    [InlineData("pencil", "pencil")]
    [InlineData("", "")]
    [InlineData("\u0007 bell", "\u0007 bell")]
    [InlineData("I\u00adX", "IX")]
    [InlineData("\u00aa", "a")]
    [InlineData("\u2168", "IX")]
    [InlineData("a\u00a0b", "a b")]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("\u1100\u1161\u11a8", "\uac01")]
    [InlineData("\ufb01ne", "fine")]
    [InlineData("\u0627\u0628", "\u0627\u0628")]
    public void A_password_is_mapped_and_normalized(string password, string expected)
    {
        Encoding.UTF8.GetString(SaslPrep.Prepare(password)).ShouldBe(expected);
    }

    [Theory]
    [InlineData("\u00ad")]
    [InlineData("\u0627\u0031")]
    [InlineData("\u0627a\u00a0")]
    [InlineData("\u0085\ufb01")]
    [InlineData("\ud83d\ude00\ufb01")]
    public void What_cannot_be_prepared_stays_as_it_is(string password)
    {
        Encoding.UTF8.GetString(SaslPrep.Prepare(password)).ShouldBe(password);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_failure()
    {
        SaslPrep.Prepare("\ud83d\ufb01").ShouldNotBeEmpty();
    }
}
