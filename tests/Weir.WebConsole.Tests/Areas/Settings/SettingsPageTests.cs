using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.WebConsole.Areas.Settings;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests.Areas.Settings;

public sealed class SettingsPageTests : ConsoleTest
{
    private static readonly SettingsView Settings = new(TimeSpan.FromHours(1), TimeSpan.FromHours(24), 100, 65536);

    [Fact]
    public async Task Settings_are_saved_in_the_units_that_were_typed()
    {
        SignIn(Sample.Administrator).On<GetSettings.Query, SettingsView>(_ => Settings).On<ChangeSettings.Command, SettingsView>(_ => Settings);
        var page = Render<SettingsPage>();
        await page.FindAll("input")[0].ChangeAsync(new() { Value = "30" });
        await page.FindAll("input")[2].ChangeAsync(new() { Value = "0" });
        await page.Find("form").SubmitAsync();
        Mediator.Sent<ChangeSettings.Command>().ShouldBe([new ChangeSettings.Command(TimeSpan.FromMinutes(30), TimeSpan.FromHours(24), 0, 65536)]);
        TextOf(page).ShouldContain("Saved.");
    }

    [Fact]
    public async Task What_is_out_of_range_stays_in_the_form_with_the_reason()
    {
        SignIn(Sample.Administrator).On<GetSettings.Query, SettingsView>(_ => Settings)
            .On<ChangeSettings.Command, SettingsView>(_ => throw new ValidationFailedException("maxAge", "Must be between 00:01:00 and 30.00:00:00."));
        var page = Render<SettingsPage>();
        await page.FindAll("input")[0].ChangeAsync(new() { Value = "0" });
        await page.Find("form").SubmitAsync();
        TextOf(page).ShouldContain("maxAge: Must be between");
        page.FindAll("input")[0].GetAttribute("value").ShouldBe("0");
        TextOf(page).ShouldNotContain("Saved.");
    }

    [Fact]
    public void An_auditor_can_not_save()
    {
        SignIn(Sample.Auditor).On<GetSettings.Query, SettingsView>(_ => Settings);
        var page = Render<SettingsPage>();
        Buttons(page, "Save").ShouldBeEmpty();
        page.FindAll("fieldset").ShouldAllBe(f => f.HasAttribute("disabled"));
    }
}
