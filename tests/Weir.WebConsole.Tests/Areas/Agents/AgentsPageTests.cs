using Mediator;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.WebConsole.Areas.Agents;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Agents;

public sealed class AgentsPageTests : ConsoleTest
{
    private const string Token = "weir_enroll_only_once";

    private static readonly AgentView Agent = new(
        Guid.CreateVersion7(), "vpc-1", new Dictionary<string, string>(), "connected", "0.1.0", "db-gateway:6433", 12, null, 3, 1024, 4096, Sample.Now.AddDays(-9), Sample.Now,
        [new("orders", Reachable: true, "18.4", ["pii"], Sample.Now)]);

    [Fact]
    public async Task The_enrollment_token_is_shown_once_with_the_command_and_is_gone_with_the_dialog()
    {
        var page = Open(Sample.Administrator);
        Mediator.On<CreateEnrollmentToken.Command, CreateEnrollmentToken.Response>(_ => new(Guid.CreateVersion7(), Token, Sample.Now.AddHours(1)));
        await PressAsync(page, "Enroll agent");
        await page.Find("dialog input").ChangeAsync(new() { Value = "vpc-2" });
        await page.Find("dialog form").SubmitAsync();
        TextOf(page).ShouldContain($"WEIR_ENROLLMENT_TOKEN={Token}");
        TextOf(page).ShouldContain(":9081 ");
        TextOf(page).ShouldContain("WEIR_AGENT_NAME=vpc-2");
        await PressAsync(page, "Done");
        page.Markup.ShouldNotContain(Token);
    }

    [Fact]
    public void A_masking_rule_that_matches_nothing_is_pointed_out()
    {
        TextOf(Open(Sample.Auditor)).ShouldContain("Masking rule pii matches no column here.");
    }

    [Fact]
    public void An_auditor_neither_enrolls_nor_removes()
    {
        var page = Open(Sample.Auditor);
        Buttons(page, "Enroll agent").ShouldBeEmpty();
        Buttons(page, "Remove").ShouldBeEmpty();
    }

    [Fact]
    public async Task An_agent_is_removed_only_after_a_second_yes()
    {
        var page = Open(Sample.Administrator);
        Mediator.On<RemoveAgent.Command, Unit>(_ => Unit.Value);
        await PressAsync(page, "Remove");
        Mediator.Sent<RemoveAgent.Command>().ShouldBeEmpty();
        await PressAsync(page, "Remove");
        Mediator.Sent<RemoveAgent.Command>().ShouldBe([new RemoveAgent.Command(Agent.Id)]);
    }

    private IRenderedComponent<AgentsPage> Open(Actor actor)
    {
        SignIn(actor).On<ListAgents.Query, Page<AgentView>>(_ => Sample.PageOf(Agent));
        return Render<AgentsPage>();
    }
}
