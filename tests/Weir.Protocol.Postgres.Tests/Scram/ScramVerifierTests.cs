using Weir.Protocol.Postgres.Scram;

namespace Weir.Protocol.Postgres.Tests.Scram;

public sealed class ScramVerifierTests
{
    // Password and salt of the example in RFC 7677.
    private const string Text =
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    [Fact]
    public void The_text_form_of_PostgreSQL_is_read_and_written()
    {
        ScramVerifier.Parse(Text).Format().ShouldBe(Text);
        ScramVerifier.Create("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==")).Format().ShouldBe(Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("md5c4ca4238a0b923820dcc509a6f75849b")]
    [InlineData("SCRAM-SHA-256$")]
    [InlineData("SCRAM-SHA-256$4096:AAAA")]
    [InlineData("SCRAM-SHA-256$4096:AAAA$AAAA:AAAA")]
    [InlineData("SCRAM-SHA-256$0:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-256$+1:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-256$4096:$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU= ")]
    public void Anything_else_is_not_a_verifier(string? text)
    {
        ScramVerifier.TryParse(text, out _).ShouldBeFalse();
    }

    [Fact]
    public void Keys_are_not_in_its_text_for_logs()
    {
        ScramVerifier.Parse(Text).ToString().ShouldBe("ScramVerifier { Iterations = 4096 }");
        Should.Throw<FormatException>(() => ScramVerifier.Parse("secret")).Message.ShouldNotContain("secret");
    }

    [Fact]
    public void Md5_answer_is_the_nested_hash()
    {
        System.Text.Encoding.ASCII.GetString(Md5Password.Compute("ann", "secret", [1, 2, 3, 4])).ShouldBe("md59009ce60b9ca97f1e752376843d1309e");
    }
}
