using Weir.Cli.Tests.Support;

namespace Weir.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("no-such-command")]
    [InlineData("credentials", "issue")]
    [InlineData("credentials", "issue", "--connection")]
    [InlineData("reviews", "approve")]
    [InlineData("reviews", "list", "--no-such-option")]
    [InlineData("reviews", "list", "-o", "xml")]
    [InlineData("apply")]
    [InlineData("policy", "test", "-f", "x")]
    [InlineData("policy", "test", "-f", "x", "--sql", "y", "--kind", "robot")]
    [InlineData("policy", "test", "-f", "x", "--sql", "y", "--expect", "maybe")]
    [InlineData("policy", "explain")]
    [InlineData("get", "Gardrail")]
    [InlineData("apply", "-f", "/no/such/file.yaml")]
    [InlineData("login")]
    public async Task Wrong_usage_ends_with_2_a_message_and_nothing_on_standard_output(params string[] arguments)
    {
        await using var server = new FakeControlPlane();
        using var weir = new WeirCli(server);
        var result = await weir.RunAsync(arguments);

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldStartWith("weir: ");
        result.Output.ShouldBeEmpty();
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Help_and_version_are_no_failure()
    {
        using var weir = new WeirCli();
        (await weir.RunAsync("--help")).ExitCode.ShouldBe(0);
        (await weir.RunAsync("credentials", "issue", "--help")).Output.ShouldContain("--connection");
        (await weir.RunAsync("--version")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Without_an_address_or_a_token_the_next_step_is_named()
    {
        using var weir = new WeirCli();
        var nowhere = await weir.RunAsync("reviews", "list");
        (nowhere.ExitCode, nowhere.Error.Contains("WEIR_API_URL", StringComparison.Ordinal)).ShouldBe((2, true));

        var nobody = await weir.With("WEIR_API_URL", "http://127.0.0.1:1").RunAsync("reviews", "list");
        (nobody.ExitCode, nobody.Error.Contains("weir login", StringComparison.Ordinal)).ShouldBe((2, true));
    }

    [Fact]
    public async Task A_control_plane_that_does_not_answer_is_a_failure_that_names_the_address()
    {
        using var weir = new WeirCli();
        var result = await weir.With("WEIR_API_URL", "http://127.0.0.1:1").With("WEIR_TOKEN", WeirCli.Token).RunAsync("reviews", "list");
        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("http://127.0.0.1:1");
    }

    [Fact]
    public async Task A_page_of_something_else_is_told_apart_from_a_control_plane()
    {
        await using var server = new FakeControlPlane();
        server.Answer("GET /api/v1/reviews", "<html>Welcome</html>", 200, "text/html");
        using var weir = new WeirCli(server);
        var result = await weir.RunAsync("reviews", "list");
        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("no control plane");
    }

    [Theory]
    [InlineData(403, """{ "title": "Forbidden", "detail": "This is not yours to do." }""", "This is not yours to do.")]
    [InlineData(409, """{ "title": "Conflict", "detail": "A review that is rejected can't be approved." }""", "rejected")]
    [InlineData(401, "", "weir login")]
    [InlineData(502, "<html>bad gateway</html>", "502")]
    [InlineData(500, "[1]", "500")]
    public async Task What_the_server_refuses_ends_with_1_and_its_own_words(int status, string body, string words)
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/reviews/7/approve", body, status, "application/problem+json");
        using var weir = new WeirCli(server);
        var result = await weir.RunAsync("reviews", "approve", "7");
        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain(words);
        result.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_token_goes_with_every_request_and_is_never_printed()
    {
        await using var server = new FakeControlPlane();
        server.AnswerList("GET /api/v1/reviews", "[]").Answer("GET /api/v1/me", """{ "id": "1", "name": "dev@weir.example" }""");
        using var weir = new WeirCli(server);
        CliResult[] results =
        [
            await weir.RunAsync("reviews", "list"), await weir.RunAsync("reviews", "list", "-o", "json"), await weir.RunAsync("reviews", "show", "7"),
            await weir.RunWithInputAsync(WeirCli.Token + "\n", "login", "--with-token"), await weir.RunAsync("sessions", "export", "7"),
        ];

        results.ShouldAllBe(r => !r.Output.Contains(WeirCli.Token) && !r.Error.Contains(WeirCli.Token));
        server.Requests.ShouldAllBe(r => r.Authorization == $"Bearer {WeirCli.Token}");
    }

    [Fact]
    public async Task A_sign_in_is_kept_for_its_owner_only_and_used_by_the_next_command()
    {
        await using var server = new FakeControlPlane();
        server.Answer("POST /api/v1/login", $$"""{ "token": "{{WeirCli.Token}}" }""").Answer("GET /api/v1/me", """{ "id": "1", "name": "dev@weir.example" }""").AnswerList("GET /api/v1/reviews", "[]");
        using var weir = new WeirCli();

        var signedIn = await weir.RunWithInputAsync("correct horse\n", "login", "--url", server.Url, "--email", "dev@weir.example");

        signedIn.ExitCode.ShouldBe(0, signedIn.Error);
        signedIn.Output.ShouldContain("dev@weir.example");
        File.GetUnixFileMode(Path.Combine(weir.Directory, "weir", "login.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await weir.RunAsync("reviews", "list")).ExitCode.ShouldBe(0);
        server.Requests.Last().Authorization.ShouldBe($"Bearer {WeirCli.Token}");
        File.WriteAllText(Path.Combine(weir.Directory, "weir", "login.json"), "{ broken");
        (await weir.RunAsync("reviews", "list")).ExitCode.ShouldBe(2);
    }
}
