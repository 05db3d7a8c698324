global using NUnit.Framework;

// NUnit shares one fixture object between its tests unless told otherwise; a rig must be fresh each time.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
