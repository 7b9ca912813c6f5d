using AngleSharp.Dom;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.WebConsole;
using Weir.WebConsole.Live;
using Weir.WebConsole.Tests.Fakes;

namespace Weir.WebConsole.Tests;

/// <summary>One circuit of one person.</summary>
public abstract class ConsoleTest : IAsyncLifetime
{
    private readonly BunitContext _context = new();
    private FakeConsoleMediator? _mediator;

    private protected KeptLog Log { get; } = new();

    private protected FakeConsoleMediator Mediator => _mediator ?? throw new InvalidOperationException("Sign somebody in first.");

    private protected NavigationManager Navigation => _context.Services.GetRequiredService<NavigationManager>();

    private protected IServiceCollection Services => _context.Services;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected FakeConsoleMediator SignIn(Actor actor)
    {
        _mediator = new FakeConsoleMediator(actor);
        _context.Services.AddSingleton<TimeProvider>(new FixedTime(Sample.Now));
        _context.Services.AddSingleton<IConsoleMediator>(_mediator);
        _context.Services.AddSingleton<AntiforgeryStateProvider, NoAntiforgery>();
        _context.Services.AddLogging(logging => logging.AddProvider(Log));
        _context.Services.AddScoped<ConsoleFeed>();
        _context.Services.AddSingleton(new AgentPort(9081));
        return _mediator;
    }

    private protected IRenderedComponent<TComponent> Render<TComponent>(params (string Name, object? Value)[] parameters)
        where TComponent : IComponent
    {
        return _context.Render<TComponent>(builder =>
        {
            foreach (var (name, value) in parameters)
            {
                builder.TryAdd(name, value);
            }
        });
    }

    private protected static IElement Button<TComponent>(IRenderedComponent<TComponent> page, string text)
        where TComponent : IComponent =>
        Buttons(page, text) is [var button, ..] ? button : throw new InvalidOperationException($"There is no button \"{text}\" in: {page.Markup}");

    private protected static IReadOnlyList<IElement> Buttons<TComponent>(IRenderedComponent<TComponent> page, string text)
        where TComponent : IComponent => [.. page.FindAll("button").Where(b => b.TextContent.Trim() == text)];

    private protected static Task PressAsync<TComponent>(IRenderedComponent<TComponent> page, string text)
        where TComponent : IComponent => Button(page, text).ClickAsync(new());

    /// <summary>What is there to read, blanks put together.</summary>
    private protected static string TextOf<TComponent>(IRenderedComponent<TComponent> page)
        where TComponent : IComponent =>
        string.Join(' ', string.Join(' ', page.Nodes.Select(n => n.TextContent)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private protected static void WaitForText<TComponent>(IRenderedComponent<TComponent> page, string text)
        where TComponent : IComponent => page.WaitForAssertion(() => TextOf(page).ShouldContain(text), TimeSpan.FromSeconds(10));
}
