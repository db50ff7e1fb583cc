from tests.faults.case import Group

GROUP = Group("frames")
