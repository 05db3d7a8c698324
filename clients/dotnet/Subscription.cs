using System.Text;
using OscLooper.Osc;

namespace OscLooper.Client;

/// <summary>A pattern that somebody listens to.</summary>
sealed class Subscription(OscLooperClient client, string pattern, Action<OscMessage> heard) : IDisposable
{
    readonly byte[] patternBytes = Encoding.UTF8.GetBytes(pattern);

    public string Pattern => pattern;

    public void Hear(OscMessage message)
    {
        if (OscPattern.Matches(patternBytes, Encoding.UTF8.GetBytes(message.Address))) heard(message);
    }

    public void Dispose() => client.End(this);
}
