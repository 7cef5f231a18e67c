"""Settings of nbgrader; it reads them when it is run in this folder."""

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "learning-in-memory"
c.ClearSolutions.code_stub = {"python": "# Your answer here.\nraise NotImplementedError"}
c.ClearSolutions.text_stub = "*Your answer here.*"
c.ExecutePreprocessor.timeout = 120
