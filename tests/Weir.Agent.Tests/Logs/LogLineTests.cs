using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Weir.Agent.Logs;

namespace Weir.Agent.Tests.Logs;

public sealed class LogLineTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_message_is_one_line_whatever_is_in_it()
    {
        var line = Write(new TextLines("x", _time), "first\nsecond\r\nthird", new InvalidOperationException("broken"));
        line.ShouldStartWith($"{_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fff}Z warn: weir-agent[2001] first second third System.InvalidOperationException: broken");
        line.Count(c => c == '\n').ShouldBe(1);
    }

    [Fact]
    public void As_JSON_it_carries_the_values_that_it_was_made_of()
    {
        var line = Write(new JsonLines("x", _time), "line\nbreak", null);
        line.Count(c => c == '\n').ShouldBe(1);
        var json = JsonDocument.Parse(line).RootElement;
        json.GetProperty("EventId").GetInt32().ShouldBe(2001);
        json.GetProperty("LogLevel").GetString().ShouldBe("Warning");
        json.GetProperty("Category").GetString().ShouldBe("weir-agent");
        json.GetProperty("Message").GetString().ShouldBe("line\nbreak");
        json.GetProperty("State").GetProperty("Number").GetString().ShouldBe("7");
    }

    private static string Write(ConsoleFormatter formatter, string message, Exception? exception)
    {
        List<KeyValuePair<string, object?>> state = [new("Number", 7), new("{OriginalFormat}", "…")];
        using var written = new StringWriter();
        formatter.Write(
            new LogEntry<List<KeyValuePair<string, object?>>>(LogLevel.Warning, "weir-agent", new EventId(2001), state, exception, (_, _) => message), null, written);
        return written.ToString();
    }
}
